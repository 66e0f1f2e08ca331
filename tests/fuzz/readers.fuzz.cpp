// SPDX-License-Identifier: BSL-1.0
//
// readers.fuzz: the entry for libFuzzer: the first byte chooses a reader. With TIDEMARK_FUZZ_SEEDS in the environment it
// writes sound inputs into that folder first.

#include <fuzz/readers.hpp>
#include <fuzz/seeds.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <span>
#include <string>

extern "C" int LLVMFuzzerInitialize(int*, char***)
{
    auto const* const folder = std::getenv("TIDEMARK_FUZZ_SEEDS");
    if (folder == nullptr)
        return 0;
    std::size_t number = 0;
    for (auto const& seed : fuzz::seeds()) {
        std::size_t reader = 0;
        while (fuzz::readers[reader].name != seed.reader)
            ++reader;
        std::ofstream file(std::string(folder) + "/seed-" + std::to_string(number++), std::ios::binary);
        file.put(static_cast<char>(reader));
        file.write(reinterpret_cast<char const*>(seed.input.data()), static_cast<std::streamsize>(seed.input.size()));
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    if (size != 0)
        static_cast<void>(
            fuzz::refused(fuzz::readers[data[0] % fuzz::readers.size()], std::as_bytes(std::span(data + 1, size - 1))));
    return 0;
}
