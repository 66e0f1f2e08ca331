#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
#
# index: writes what an index of Conan packages takes, of the recipe in this tree and an archive of a release.
#
#   packaging/conan/index.py <url of the archive> <the archive> <folder>
#
# The folder gets config.yml and all/: the recipe, which takes its sources from the archive, their checksum, and the test
# package. Facts stay in the recipe of this tree, and so do changes.

import hashlib
import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What differs: text of the recipe, and what stands there for an index.
CHANGES = [
    ("import os\nimport re\n", "import os\n"),
    ("from conan.tools.files import copy, load, rmdir\n", "from conan.tools.files import copy, get, rmdir\n"),
    ('    exports_sources = "CMakeLists.txt", "LICENSE", "include/*"\n', ""),
    ("        cmake_layout(self)\n", '        cmake_layout(self, src_folder="src")\n\n    def source(self):\n'
                                     '        get(self, **self.conan_data["sources"][self.version], strip_root=True)\n'),
]
SET_VERSION = re.compile(r"    def set_version\(self\):\n(?:        .*\n)+\n")


def version():
    header = (ROOT / "include/tidemark/version.hpp").read_text()
    return ".".join(re.findall(r"^#define TIDEMARK_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header, re.MULTILINE))


def recipe():
    text = (ROOT / "conanfile.py").read_text()
    for here, there in CHANGES:
        if text.count(here) != 1:
            sys.exit(f"index: conanfile.py has these lines {text.count(here)} times instead of once:\n{here}")
        text = text.replace(here, there)
    text, found = SET_VERSION.subn("", text)
    if found != 1:
        sys.exit("index: conanfile.py has no set_version that reads the version")
    return text


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: packaging/conan/index.py <url of the archive> <the archive> <folder>")
    url, archive, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    sum_of = hashlib.sha256(archive.read_bytes()).hexdigest()
    shutil.copytree(ROOT / "test_package", folder / "all/test_package", ignore=shutil.ignore_patterns("build", "CMakeUserPresets.json"))
    (folder / "config.yml").write_text(f'versions:\n  "{version()}":\n    folder: all\n')
    (folder / "all/conandata.yml").write_text(f'sources:\n  "{version()}":\n    url: "{url}"\n    sha256: "{sum_of}"\n')
    (folder / "all/conanfile.py").write_text(recipe())


main()
