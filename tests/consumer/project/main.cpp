// SPDX-License-Identifier: BSL-1.0
//
// A program of two files that both include everything: what is not inline is there twice, and does not link.

#include <tidemark/tidemark.hpp>

int version_in_other_file();

int main() { return version_in_other_file() == TIDEMARK_VERSION ? 0 : 1; }
