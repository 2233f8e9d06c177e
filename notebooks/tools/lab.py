"""JupyterLab over the notebooks, on this machine only and with its token.

    lab.py [--slides [NOTEBOOK]] [OPTION...]

With --slides it opens a notebook as slides whose cells run, from a copy of the lecture (see
live.py): NOTEBOOK is as `05`, or `ru/05` for the Russian one. Makefile sets where Jupyter
keeps its settings: inside the checkout.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import private

NOTEBOOKS = Path(__file__).resolve().parents[1]
# Not by way of `jupyter`, which would change the PATH of what it starts.
JUPYTER = Path(sys.executable).with_name("jupyter-lab")

# No pop-up that asks whether to fetch news: there may be no network, and a class waits.
labconfig = Path(os.environ["JUPYTER_CONFIG_DIR"]) / "labconfig"
announcements = {"@jupyterlab/apputils-extension:announcements": True}
page = json.dumps({"disabledExtensions": announcements})
try:
    labconfig.mkdir(parents=True, exist_ok=True)
    (labconfig / "page_config.json").write_text(page)
except OSError as error:
    sys.exit(
        f"lab: cannot write to {labconfig}: {error.strerror}. JupyterLab keeps its settings "
        "there, and notebooks are saved in this checkout: make it writable, or copy it."
    )

# Kernels answer at Unix sockets there, which no other user can reach.
runtime = Path(os.environ["JUPYTER_RUNTIME_DIR"])
os.environ["JUPYTER_RUNTIME_DIR"] = str(private.runtime(runtime))

root = NOTEBOOKS
options = [
    "--KernelManager.transport=ipc",
    "--ServerApp.ip=127.0.0.1",
    # The kernel takes some seconds to start, more where potok must be compiled.
    "--MappingKernelManager.kernel_info_timeout=300",
    "--LabApp.news_url=",
    "--MultiKernelManager.default_kernel_name=rust",
]
if os.geteuid() == 0:
    options.append("--allow-root")

asked = sys.argv[1:]
if asked[:1] == ["--slides"]:
    import live

    named = [word for word in asked[1:2] if not word.startswith("-")]
    asked = asked[1 + len(named) :]
    wanted = named[0] if named else "01"
    root = live.write()
    found = sorted(root.glob(f"{wanted.removesuffix('.ipynb')}*.ipynb"))
    if not found:
        sys.exit(f"lab: there is no notebook {wanted}; try 05, or ru/05")
    print(f"slides: a copy of the lecture in {root}; it is made anew at each `make slides`")
    options.append(f"--LabApp.default_url=/rise/{found[0].relative_to(root)}")
    settings = labconfig.with_name("slides-settings")
    live.settings(settings)
    os.environ["JUPYTERLAB_SETTINGS_DIR"] = str(settings)

options.append(f"--ServerApp.root_dir={root}")
# What was asked for on the command line comes instead; Jupyter refuses to be told twice.
given = {option.split("=")[0] for option in asked}
options = [option for option in options if option.split("=")[0] not in given]

# A kernel for the first notebook, while the server and the browser start. It ends with
# this process, which becomes the server. (POTOK_SPARE=0: none.)
place = next((o.split("=", 1)[1] for o in asked if "ServerApp.root_dir=" in o), root)
program = Path(sys.executable).with_name("potok-kernel")
spare = [program, "spare", str(os.getpid()), NOTEBOOKS.parent / "crate/potok"]
subprocess.run(spare, cwd=place, check=False)

os.execv(JUPYTER, ["jupyter-lab", *options, *asked])
