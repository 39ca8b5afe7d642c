"""A docent with documents and tiny models, serving on a free port of this machine as long as somebody needs it."""

import contextlib
import os
import queue
import re
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

import tiny

ROOT = Path(__file__).resolve().parents[2]
# Where a test waits for docent, and fails if that takes longer.
PATIENCE = 60


class Home:
    def __init__(self, docent: str, folder: Path):
        self.docent = docent
        self.folder = folder
        quiet = {name: value for name, value in os.environ.items() if not name.startswith("DOCENT_")}
        self.env = quiet | {"DOCENT_DATA_DIR": str(folder / "data"), "DOCENT_OFFLINE": "1", "DOCENT_SERVER_RATE": "0"}

    def run(self, *words: str) -> str:
        ended = subprocess.run([self.docent, *words], env=self.env, cwd=self.folder, capture_output=True, text=True,
                               timeout=PATIENCE)
        if ended.returncode:
            raise SystemExit(f"docent {' '.join(words)} failed:\n{ended.stderr}")
        return ended.stdout

    def furnish(self) -> None:
        for name, seed in (("chosen", 5), ("another", 6)):
            tiny.generator(self.folder / f"{name}.gguf", seed)
            self.run("models", "import", f"{name}.gguf")
        tiny.embedder(self.folder / "numbers")
        self.run("models", "import", "numbers")
        self.run("models", "use", "chosen")
        # The embedder knows no words, so that documents are found by theirs only.
        self.env["DOCENT_SEARCH_MODE"] = "lexical"
        shutil.copytree(ROOT / "assets" / "demo", self.folder / "notes")
        self.run("add", "notes", "--collection", "courses")

    @contextlib.contextmanager
    def serving(self):
        server = subprocess.Popen([self.docent, "serve", "--addr", "127.0.0.1:0"], env=self.env, cwd=self.folder,
                                  stderr=subprocess.PIPE, text=True)
        said: queue.Queue = queue.Queue()
        log: list = []

        def listen():
            for line in server.stderr:
                log.append(line)
                said.put(line)
            said.put(None)

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            while True:
                line = said.get(timeout=PATIENCE)
                if line is None:
                    raise SystemExit("docent serve ended at once:\n" + "".join(log))
                if address := re.search(r"http://[\w.:]+", line):
                    break
            yield address[0]
        finally:
            server.terminate()
            try:
                server.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()
                raise
            finally:
                listener.join()
        if any("panicked" in line for line in log):
            raise SystemExit("docent serve panicked:\n" + "".join(log))


@contextlib.contextmanager
def home(docent: str):
    with tempfile.TemporaryDirectory(prefix="docent-clients-") as folder:
        built = Home(docent, Path(folder))
        built.furnish()
        yield built
