// The import wizard: sends the chosen sheet and answers with its key, or with an empty text.
window.sendSheet = (id) => {
  const form = document.getElementById(id);
  const status = form.querySelector(".sheet-status");
  const say = (text, isBad) => {
    status.textContent = text;
    status.classList.toggle("bad", isBad);
  };
  return new Promise((resolve) => {
    const end = (key, text) => {
      say(text, !key);
      resolve(key);
    };
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.action);
    request.setRequestHeader("Accept-Language", document.documentElement.lang || "zh-CN");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) say(`${Math.round((100 * event.loaded) / event.total)} %`, false);
    };
    request.onload = () => {
      try {
        const answer = JSON.parse(request.responseText);
        if (request.status === 200) return end(answer.files[0].key, "");
        end("", answer.detail || answer.title || form.dataset.failed);
      } catch {
        end("", form.dataset.failed);
      }
    };
    request.onerror = () => end("", form.dataset.failed);
    say("…", false);
    request.send(new FormData(form));
  });
};

// A dropped file is as good as a chosen one; choosing sends at once.
document.addEventListener("change", (event) => {
  if (event.target.matches?.(".sheet-form input[type=file]") && event.target.files.length)
    event.target.form.requestSubmit();
});
for (const kind of ["dragover", "dragleave", "drop"])
  document.addEventListener(kind, (event) => {
    const box = event.target.closest?.(".sheet-form");
    if (!box) return;
    event.preventDefault();
    box.classList.toggle("is-over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) {
      box.elements.file.files = event.dataTransfer.files;
      box.requestSubmit();
    }
  });
