// La tabla de la página es el único dato; sin JavaScript se lee entera.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("situa-proyecto");
  if (!form) return;
  const rows = [...document.querySelectorAll("#capitulos tbody tr")];
  const result = document.getElementById("resultado");
  form.hidden = false;
  form.addEventListener("change", () => {
    const chosen = [...new FormData(form).values()];
    const total = form.querySelectorAll("fieldset").length;
    if (chosen.length < total) {
      result.textContent = `Respuestas: ${chosen.length} de ${total}.`;
      return;
    }
    const list = document.createElement("ul");
    for (const row of rows) {
      if (row.dataset.si !== "siempre" && !chosen.includes(row.dataset.si)) continue;
      const item = document.createElement("li");
      item.append(...row.cells[1].cloneNode(true).childNodes);
      list.append(item);
    }
    result.replaceChildren("Te conviene leer:", list);
  });
});
