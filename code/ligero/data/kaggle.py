"""Descarga de una competición de Kaggle con su cliente oficial y con errores que dicen qué hacer."""

import contextlib
import io
import re
import stat
import tempfile
import zipfile
from pathlib import Path

_SETTINGS = "https://www.kaggle.com/settings"
_BY_STATUS = {
    401: f"Kaggle no reconoce tus credenciales (401): crea un token nuevo en {_SETTINGS} y vuelve a guardarlo.",
    403: "Kaggle no te deja descargarla (403): acepta las reglas en https://www.kaggle.com/c/{name}/rules con la misma "
    "cuenta, y verifica el teléfono si te lo pide.",
    404: "En Kaggle no hay ninguna competición «{name}» (404): copia el nombre tal como sale en su dirección.",
}
_NO_CREDENTIALS = (
    f"No hay credenciales de Kaggle: crea un token en {_SETTINGS} («Generate New Token») y guárdalo en "
    "~/.kaggle/access_token o en la variable KAGGLE_API_TOKEN."
)
_NO_NETWORK = "No se llega a Kaggle: comprueba la conexión y repite."
_INCOMPLETE = "La descarga ha llegado incompleta o dañada: no se ha guardado nada; repite."
_RETRIES = 2


class KaggleError(RuntimeError):
    """La descarga no ha sido posible; el mensaje dice por qué y qué hacer, y nunca lleva credenciales."""


def kaggle_competition(name: str, folder: str | Path) -> Path:
    """Descarga los ficheros de una competición y descomprime el zip y los zips que lleva dentro.

    Usa tus credenciales, en `~/.kaggle` o en `KAGGLE_API_TOKEN`. La carpeta aparece entera o no aparece; si ya existe y
    no está vacía, no se descarga nada. Mientras descarga, enseña una barra de progreso.

    Args:
        name: Nombre de la competición, como `dogs-vs-cats`.
        folder: Carpeta que se va a crear.

    Returns:
        La carpeta.

    Raises:
        ValueError: Si el nombre no es el de una competición.
        ModuleNotFoundError: Si falta el paquete `kaggle`.
        KaggleError: Si faltan las credenciales o Kaggle no las acepta, no se han aceptado las reglas, la competición no
            existe, falla el servidor o la red, no se puede escribir, o el zip está dañado o se sale de la carpeta.

    Source:
        Cliente de Kaggle, https://github.com/Kaggle/kaggle-api.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise ValueError(f"`name` debe ser el nombre de una competición, como «dogs-vs-cats»; has pasado {name!r}.")
    target = Path(folder)
    if target.is_dir() and any(target.iterdir()):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".kaggle-", dir=target.parent) as draft:
        problem = _fetch(name, Path(draft))
        # Fuera del `except`: así la excepción original, que puede llevar cabeceras, no viaja con esta.
        if problem:
            raise KaggleError(problem)
        if target.is_dir():
            target.rmdir()
        (Path(draft) / "content").rename(target)
    return target


def _fetch(name: str, draft: Path) -> str:
    """Descarga y descomprime en `draft/content`; devuelve lo que ha ido mal, o nada."""
    with contextlib.redirect_stdout(io.StringIO()):  # el cliente escribe rutas y consejos; la barra va por stderr
        try:
            from kaggle.api.kaggle_api_extended import KaggleApi
        except ModuleNotFoundError:
            raise ModuleNotFoundError('Falta el paquete `kaggle`: instálalo con `%pip install "kaggle>=2"`.') from None
        import requests
        from kagglesdk import KaggleClient
        from kagglesdk.competitions.types.competition_api_service import ApiDownloadDataFilesRequest

        api = KaggleApi()
        try:
            api.authenticate()
        except (SystemExit, Exception):
            return _NO_CREDENTIALS
        keys = (api.CONFIG_NAME_USER, api.CONFIG_NAME_KEY, api.CONFIG_NAME_TOKEN)
        user, key, token = (api.config_values.get(entry) for entry in keys)
        archive = draft / "download.zip"
        try:
            with KaggleClient(username=user, password=key, api_token=token) as client:
                request = ApiDownloadDataFilesRequest()
                request.competition_name = name
                response = client.competitions.competition_api_client.download_data_files(request)
                api.download_file(response, str(archive), client.http_client(), quiet=False, max_retries=_RETRIES)
            _unzip(archive, draft / "content")
        except requests.exceptions.HTTPError as error:
            status = getattr(error.response, "status_code", None)
            server = f"Kaggle responde con un error ({status}): no depende de ti; espera unos minutos y repite."
            return _BY_STATUS.get(status, server).format(name=name)
        except (zipfile.BadZipFile, EOFError, ValueError, requests.exceptions.ChunkedEncodingError):
            return _INCOMPLETE
        except (requests.exceptions.ConnectionError, requests.exceptions.Timeout):
            return _NO_NETWORK
        except _OutsideError as error:
            return f"El zip quiere escribir «{error}» fuera de la carpeta: no es de fiar y no se ha guardado nada."
        except OSError as error:
            return f"No se puede escribir en la carpeta ({error.strerror}): libera espacio o elige otra."
    return ""


class _OutsideError(Exception):
    """Un miembro del zip apunta fuera de la carpeta de destino."""


def _unzip(archive: Path, target: Path) -> None:
    """Descomprime y borra el zip, y después los zips que llevara dentro."""
    with zipfile.ZipFile(archive) as content:
        members = content.infolist()
        # A un zip cortado le queda el índice de un zip que llevaba dentro, y `zipfile` se conforma con él.
        if min((member.header_offset for member in members), default=1) != 0:
            raise zipfile.BadZipFile
        for member in members:
            inside = (target / member.filename).resolve().is_relative_to(target.resolve())
            if not inside or stat.S_ISLNK(member.external_attr >> 16):
                raise _OutsideError(member.filename)
        content.extractall(target)
    archive.unlink()
    for member in members:
        if member.filename.endswith(".zip"):
            nested = target / member.filename
            _unzip(nested, nested.parent)
