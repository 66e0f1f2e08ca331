# SPDX-License-Identifier: BSL-1.0
#
# conanfile: the system's range-v3 under the names of the package that everybody has, without a folder, as Boost.

from conan import ConanFile


class RangeV3Conan(ConanFile):
    name = "range-v3"
    version = "0.12.0"
    package_type = "header-library"

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "range-v3")
        self.cpp_info.set_property("cmake_target_name", "range-v3::range-v3")
        self.cpp_info.includedirs = []
        self.cpp_info.libdirs = []
        self.cpp_info.bindirs = []
