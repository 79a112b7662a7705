// The comment box of a record: sends text and files in one form; what was typed stays when it fails.
window.sendEntry = (id) => {
  const form = document.getElementById(id);
  const status = form.querySelector(".entry-status");
  const button = form.querySelector("button[type=submit]");
  const say = (text, isBad) => {
    status.textContent = text;
    status.classList.toggle("bad", isBad);
  };
  return new Promise((resolve) => {
    const end = (isSent, text) => {
      button.disabled = false;
      say(text, !isSent);
      if (isSent) form.reset();
      else status.scrollIntoView({ block: "nearest" });
      resolve(isSent);
    };
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.action);
    request.setRequestHeader("Accept-Language", document.documentElement.lang || "zh-CN");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && form.elements.file.files.length)
        say(`${Math.round((100 * event.loaded) / event.total)} %`, false);
    };
    request.onload = () => {
      if (request.status === 200) return end(true, "");
      try {
        const problem = JSON.parse(request.responseText);
        end(false, problem.detail || problem.title || form.dataset.failed);
      } catch {
        end(false, form.dataset.failed);
      }
    };
    request.onerror = () => end(false, form.dataset.failed);
    button.disabled = true;
    say("…", false);
    request.send(new FormData(form));
  });
};

// Names of chosen files beside the clip, a mention at the cursor, Ctrl+Enter sends.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches?.(".entry-form input[type=file]")) {
    const names = [...field.files].map((file) => file.name).join(", ");
    field.closest("form").querySelector(".entry-files").textContent = names;
  }
  if (field.matches?.(".entry-form select[data-mention]") && field.value) {
    const text = field.closest("form").elements.text;
    const before = text.value.slice(0, text.selectionStart);
    const gap = before && !/\s$/.test(before) ? " " : "";
    text.setRangeText(`${gap}@${field.value} `, text.selectionStart, text.selectionEnd, "end");
    field.value = "";
    text.focus();
  }
});
document.addEventListener("reset", (event) => {
  const names = event.target.querySelector?.(".entry-files");
  if (names) names.textContent = "";
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches?.(".entry-form textarea"))
    event.target.form.requestSubmit();
});

// The photo of a delivery is kept on the order as soon as it is chosen; the form then sends its key.
document.addEventListener("change", async (event) => {
  const field = event.target;
  if (!field.matches?.("input[data-proof]")) return;
  const form = field.closest("form");
  const status = form.querySelector(".proof-status");
  const button = form.querySelector("button[type=submit]");
  form.elements.proof_file.value = "";
  status.classList.remove("bad");
  status.textContent = "";
  if (!field.files.length) return;
  const content = new FormData();
  content.append("file", field.files[0]);
  content.append("subject_kind", "order");
  content.append("subject_key", field.dataset.proof);
  content.append("is_shared", "true");
  button.disabled = true;
  status.textContent = "…";
  try {
    const headers = { "Accept-Language": document.documentElement.lang || "zh-CN" };
    const answer = await fetch("/files", { method: "POST", body: content, headers });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.detail || said.title);
    form.elements.proof_file.value = said.files[0].key;
    status.textContent = `✓ ${said.files[0].name}`;
  } catch (error) {
    field.value = "";
    status.textContent = error.message || status.dataset.failed;
    status.classList.add("bad");
  } finally {
    button.disabled = false;
  }
});
