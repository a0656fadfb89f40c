# SPDX-License-Identifier: MIT
"""Writes the package as a wheel, without network and without tools of packaging: a wheel is a zip.

wheel.py VERSION FOLDER    FOLDER/tpdecode-VERSION-py3-none-any.whl
"""

import base64
import hashlib
import os
import sys
import zipfile

version, folder = sys.argv[1:]
here = os.path.dirname(os.path.abspath(__file__))
info = f"tpdecode-{version}.dist-info"

files = {}
for name in sorted(os.listdir(os.path.join(here, "tpdecode"))):
    if name.endswith(".py") or name == "py.typed":
        with open(os.path.join(here, "tpdecode", name), "rb") as f:
            files[f"tpdecode/{name}"] = f.read()
with open(os.path.join(here, "..", "LICENSE"), "rb") as f:
    files[f"{info}/LICENSE"] = f.read()
files[f"{info}/METADATA"] = f"""Metadata-Version: 2.1
Name: tpdecode
Version: {version}
Summary: Reads dumps of tracepoint: records, losses and columns, by libtpdecode.so
License: MIT
Requires-Python: >=3.8
Provides-Extra: pandas
Requires-Dist: pandas; extra == "pandas"
""".encode()
files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tracepoint\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

record = []
for name, data in files.items():
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    record.append(f"{name},sha256={digest},{len(data)}\n")
files[f"{info}/RECORD"] = "".join(record + [f"{info}/RECORD,,\n"]).encode()

path = os.path.join(folder, f"tpdecode-{version}-py3-none-any.whl")
with zipfile.ZipFile(path + ".new", "w", zipfile.ZIP_DEFLATED) as wheel:
    for name, data in files.items():
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the same bytes each time
        entry.external_attr = 0o100644 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        wheel.writestr(entry, data)
os.replace(path + ".new", path)
print(path)
