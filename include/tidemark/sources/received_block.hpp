// SPDX-License-Identifier: BSL-1.0
//
// received_block: some records that a receiver has stored, until a batch takes them.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tidemark {

/// What is known of a block. The records themselves lie elsewhere.
struct received_block {
    std::string stream;                ///< The name of the source that has received it.
    std::string id;                    ///< Its name within the stream.
    std::uint64_t records = 0;         ///< How many there are in it.
    std::vector<std::byte> location{}; ///< What finds its records again; only the receiver reads it.
    bool recovered = false; ///< It comes from the log of an earlier run: what that run held in memory is gone.

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & stream & id & records & location; // `recovered` is a matter of this run
    }

    friend bool operator==(received_block const&, received_block const&) = default;
};

} // namespace tidemark
