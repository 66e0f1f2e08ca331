// SPDX-License-Identifier: BSL-1.0
//
// binary_records_source: records of one length from the files that appear in a directory.

#pragma once

#include <tidemark/rdd/file_formats.hpp>
#include <tidemark/sources/file_source.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// The running side of `binary_records_source`.
using binary_records_reader = file_reader<fixed_records>;

/// The files that appear in `directory`, cut into records of `record_bytes` bytes each. Which files belong to which
/// batch, and how a batch is read again, is as for `text_file_source`.
///
/// A file that is not made up of whole records fails its batch with a `source_error` that names both sizes; it is not
/// taken, and neither is what came with it: a later batch takes them once the file is whole or gone.
/// *Throws* `config_error` from `open` for options that cannot work.
class binary_records_source : public file_source<fixed_records, binary_records_source> {
public:
    static constexpr std::string_view name = "binary_records";
    static constexpr std::string_view kind = "binary_records_source";

    binary_records_source(std::string directory, std::int64_t record_bytes, file_source_options options = {})
        : file_source({static_cast<std::uint64_t>(record_bytes)}, problems_of(record_bytes), std::move(directory),
                      std::move(options))
        , record_bytes_(record_bytes)
    {}

    [[nodiscard]] std::string describe() const
    {
        return "binary_records(" + directory() + ", " + std::to_string(record_bytes_) + " bytes)";
    }

private:
    [[nodiscard]] static std::string problems_of(std::int64_t record_bytes)
    {
        return record_bytes < 1 ? "; record_bytes is " + std::to_string(record_bytes) + ", pass at least 1" : "";
    }

    std::int64_t record_bytes_;
};

} // namespace tidemark
