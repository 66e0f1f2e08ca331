# SPDX-License-Identifier: BSL-1.0
#
# conanfile: the system's Boost under the names of the package that everybody has. No folder is given, since the compiler
# knows its own, and naming it again hides the headers of the standard library.

from conan import ConanFile


class BoostConan(ConanFile):
    name = "boost"
    version = "1.81.0"
    options = {"header_only": [True, False], "without_serialization": [True, False]}
    default_options = {"header_only": False, "without_serialization": False}

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "Boost")
        headers = self.cpp_info.components["headers"]
        headers.set_property("cmake_target_name", "Boost::headers")
        libraries = [headers]
        if not self.options.header_only and not self.options.without_serialization:
            serialization = self.cpp_info.components["serialization"]
            serialization.set_property("cmake_target_name", "Boost::serialization")
            serialization.requires = ["headers"]
            serialization.system_libs = ["boost_serialization"]
            libraries.append(serialization)
        for part in libraries:
            part.includedirs = []
            part.libdirs = []
            part.bindirs = []
