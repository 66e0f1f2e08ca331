// SPDX-License-Identifier: BSL-1.0
//
// run_lengths: a block compression that needs no library: each run of equal bytes is its length and the byte.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace compression_cases {

/// `Id` is what files say of it. Counts the calls of all copies.
template <std::uint16_t Id>
struct basic_run_lengths {
    static constexpr std::uint16_t id = Id;
    static constexpr std::string_view name = "run lengths";

    struct counts {
        std::atomic<int> compressed = 0;
        std::atomic<int> decompressed = 0;
    };
    std::shared_ptr<counts> calls = std::make_shared<counts>();

    [[nodiscard]] std::size_t compress(std::span<std::byte const> from, std::span<std::byte> to) const
    {
        ++calls->compressed;
        std::size_t used = 0;
        while (!from.empty()) {
            std::size_t run = 1;
            while (run < from.size() && run < 255 && from[run] == from[0])
                ++run;
            if (to.size() - used < 2)
                return 0;
            to[used++] = static_cast<std::byte>(run);
            to[used++] = from[0];
            from = from.subspan(run);
        }
        return used;
    }

    [[nodiscard]] bool decompress(std::span<std::byte const> from, std::span<std::byte> to) const
    {
        ++calls->decompressed;
        for (; from.size() >= 2; from = from.subspan(2)) {
            auto const run = std::to_integer<std::size_t>(from[0]);
            if (run == 0 || run > to.size())
                return false;
            for (auto& byte : to.first(run))
                byte = from[1];
            to = to.subspan(run);
        }
        return from.empty() && to.empty();
    }
};

using run_lengths = basic_run_lengths<300>;

} // namespace compression_cases
