"""Estilo de la bibliografía en español: el «alpha» de pybtex con sus palabras traducidas."""

from pybtex.plugin import register_plugin
from pybtex.style.formatting import toplevel
from pybtex.style.formatting.alpha import Style
from pybtex.style.formatting.unsrt import pages
from pybtex.style.template import field, join, names, optional, optional_field, sentence, words


class SpanishStyle(Style):
    """Como «alpha», con «y», «En» y «edición»."""

    def format_names(self, role, as_sentence=True):
        """Une los nombres con comas e «y»."""
        people = names(role, sep=", ", sep2=" y ", last_sep=" y ")
        return sentence[people] if as_sentence else people

    def format_edition(self, entry):
        """Escribe, por ejemplo, «3.ª edición»."""
        return optional[join[field("edition"), ".ª edición"]]

    def get_inproceedings_template(self, entry):
        """Comunicación en un congreso."""
        return toplevel[
            sentence[self.format_names("author")],
            self.format_title(entry, "title"),
            words[
                "En",
                sentence[self.format_btitle(entry, "booktitle", as_sentence=False), optional[pages]],
                self.format_address_organization_publisher_date(entry),
            ],
            sentence[optional_field("note")],
            self.format_web_refs(entry),
        ]


def register() -> None:
    """Da el estilo a conocer a pybtex: `_config.yml` lo pide por su nombre, «alfa»."""
    register_plugin("pybtex.style.formatting", "alfa", SpanishStyle)
