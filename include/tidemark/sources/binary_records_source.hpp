// SPDX-License-Identifier: BSL-1.0
//
// binary_records_source: records of one length from the files that appear in a directory.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/rdd/file_formats.hpp>
#include <tidemark/sources/file_source.hpp>
#include <tidemark/stream/source.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
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
class binary_records_source {
public:
    using record_type = std::vector<std::byte>;

    static constexpr std::string_view name = "binary_records";
    static constexpr bool replayable = true;

    binary_records_source(std::string directory, std::int64_t record_bytes, file_source_options options = {})
        : directory_(std::move(directory))
        , record_bytes_(record_bytes)
        , options_(std::move(options))
    {}

    [[nodiscard]] std::string describe() const
    {
        return "binary_records(" + directory_ + ", " + std::to_string(record_bytes_) + " bytes)";
    }

    [[nodiscard]] std::unique_ptr<binary_records_reader> open(source_environment const& environment) const
    {
        auto problems = detail::problems_of(directory_, options_);
        if (record_bytes_ < 1)
            problems += "; record_bytes is " + std::to_string(record_bytes_) + ", pass at least 1";
        if (!problems.empty())
            throw config_error("tidemark::binary_records_source: " + problems.substr(2));
        return std::make_unique<binary_records_reader>(fixed_records{static_cast<std::uint64_t>(record_bytes_)},
                                                       "binary_records_source", directory_, options_, environment);
    }

private:
    std::string directory_;
    std::int64_t record_bytes_;
    file_source_options options_;
};

} // namespace tidemark
