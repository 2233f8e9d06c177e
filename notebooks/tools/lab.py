"""JupyterLab over the notebooks, on this machine only and with its token.

Makefile sets where Jupyter keeps its settings: inside the checkout.
"""

import json
import os
import sys
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[1]
JUPYTER = Path(sys.executable).with_name("jupyter")

# No pop-up that asks whether to fetch news: there may be no network, and a class waits.
labconfig = Path(os.environ["JUPYTER_CONFIG_DIR"]) / "labconfig"
labconfig.mkdir(parents=True, exist_ok=True)
announcements = {"@jupyterlab/apputils-extension:announcements": True}
page = json.dumps({"disabledExtensions": announcements})
(labconfig / "page_config.json").write_text(page)

options = [
    "--ServerApp.ip=127.0.0.1",
    f"--ServerApp.root_dir={NOTEBOOKS}",
    # The kernel takes some seconds to start, more where potok must be compiled.
    "--MappingKernelManager.kernel_info_timeout=300",
    "--LabApp.news_url=",
    "--MultiKernelManager.default_kernel_name=rust",
]
if os.geteuid() == 0:
    options.append("--allow-root")

os.execv(JUPYTER, ["jupyter", "lab", *options, *sys.argv[1:]])
