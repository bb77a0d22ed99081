// Las tablas de la página son el único dato: sin JavaScript se leen enteras.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("situa-proyecto");
  if (!form) return;
  const result = document.getElementById("resultado");
  const places = [...document.querySelectorAll("#caminos tbody tr")];
  const chapters = [...document.querySelectorAll("#capitulos tbody tr")];
  const questions = form.querySelectorAll("fieldset").length;

  const show = () => {
    const chosen = [...form.querySelectorAll("input:checked")];
    if (chosen.length < questions) {
      result.textContent = `Respuestas: ${chosen.length} de ${questions}.`;
      return;
    }
    // Manda la respuesta que más se aleja del camino feliz.
    const place = places[Math.max(...chosen.map((input) => Number(input.dataset.camino || 0)))];
    const where = document.createElement("p");
    const name = document.createElement("strong");
    name.textContent = place.cells[0].textContent;
    where.append("Tu proyecto está en: ", name, `. ${place.cells[2].textContent}`);

    const answers = new Set(["siempre", ...chosen.map((input) => input.value)]);
    const list = document.createElement("ul");
    for (const row of chapters) {
      if (!row.dataset.si.split(" ").some((answer) => answers.has(answer))) continue;
      const item = document.createElement("li");
      item.append(...row.cells[0].cloneNode(true).childNodes);
      list.append(item);
    }
    const lead = document.createElement("p");
    lead.textContent = "Lee, en este orden:";
    result.replaceChildren(where, lead, list);
  };

  form.hidden = false;
  document.getElementById("todos-los-capitulos").open = false;
  form.addEventListener("change", show);
  form.addEventListener("reset", () => setTimeout(show)); // cuando ya se ha vaciado
  show(); // el navegador puede recordar respuestas al volver atrás
});
