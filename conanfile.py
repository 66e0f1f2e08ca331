# SPDX-License-Identifier: BSL-1.0
#
# conanfile: tidemark as a Conan 2 package. It is one package for all settings, since nothing in it is compiled.

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir
from conan.tools.scm import Version

required_conan_version = ">=2.0"


class TidemarkConan(ConanFile):
    name = "tidemark"
    description = "Checkpointed micro-batch streams, composed at compile time"
    license = "BSL-1.0"
    topics = ("header-only", "streaming", "micro-batch", "checkpoint", "dstream", "spark")
    package_type = "header-library"
    implements = ["auto_header_only"]
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_lz4": [True, False], "with_zstd": [True, False]}  # for checkpoint/lz4_compression.hpp, zstd_compression.hpp
    default_options = {"with_lz4": False, "with_zstd": False}
    exports_sources = "CMakeLists.txt", "LICENSE", "include/*"
    no_copy_source = True

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, "include", "tidemark", "version.hpp"))
        numbers = re.findall(r"^#define TIDEMARK_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header, re.MULTILINE)
        self.version = ".".join(numbers)

    def requirements(self):
        self.requires("boost/[>=1.81 <2]", transitive_headers=True, transitive_libs=True)
        self.requires("range-v3/0.12.0", transitive_headers=True)
        if self.options.with_lz4:
            self.requires("lz4/[>=1.9 <2]", transitive_headers=True, transitive_libs=True)
        if self.options.with_zstd:
            self.requires("zstd/[>=1.5 <2]", transitive_headers=True, transitive_libs=True)

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os in ("Windows", "Macos"):
            raise ConanInvalidConfiguration(f"tidemark does not compile on {self.settings.os}: it asks for calls of Linux")
        minimum = {"gcc": "12", "clang": "16"}.get(str(self.settings.compiler))
        if minimum and Version(self.settings.compiler.version) < minimum:
            raise ConanInvalidConfiguration(
                f"tidemark needs {self.settings.compiler} {minimum} or later, not {self.settings.compiler.version}")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        for part in ("TESTS", "EXAMPLES", "BENCHMARKS", "DOCS"):
            toolchain.cache_variables[f"TIDEMARK_BUILD_{part}"] = False
        toolchain.cache_variables["TIDEMARK_INSTALL"] = True
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        CMake(self).configure()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        rmdir(self, os.path.join(self.package_folder, "share"))  # Conan's generators write such files themselves

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "tidemark")
        self.cpp_info.set_property("cmake_target_name", "tidemark::all")  # not the name of a part, which would get all parts
        self.cpp_info.set_property("pkg_config_name", "tidemark-all")

        core = self.cpp_info.components["core"]
        core.set_property("cmake_target_name", "tidemark::tidemark")
        core.set_property("pkg_config_name", "tidemark")
        parts = {"boost": "headers", "range-v3": "range-v3", "lz4": "lz4", "zstd": "zstd"}
        # What the profile takes from the system, as [platform_requires], is no dependency.
        core.requires = [f"{name}::{part}" for name, part in parts.items() if name in self.dependencies]
        core.bindirs = []
        core.libdirs = []
        if self.settings.get_safe("os") in ("Linux", "FreeBSD"):
            core.system_libs = ["pthread"]

        # Plain Boost archives need Boost's library, which a Boost of headers alone does not have.
        if "boost" not in self.dependencies:
            return
        boost = self.dependencies["boost"].options
        if boost.get_safe("header_only", False) or boost.get_safe("without_serialization", False):
            return
        serialization = self.cpp_info.components["serialization"]
        serialization.set_property("cmake_target_name", "tidemark::serialization")
        serialization.set_property("pkg_config_name", "tidemark-serialization")
        serialization.requires = ["core", "boost::serialization"]
        serialization.includedirs = []
        serialization.bindirs = []
        serialization.libdirs = []
