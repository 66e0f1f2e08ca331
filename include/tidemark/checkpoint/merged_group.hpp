// SPDX-License-Identifier: BSL-1.0
//
// merged_group: what a saved key-group holds after all its runs, by the schemas of its keys and states alone; for tools.

#pragma once

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/saved_json.hpp>
#include <tidemark/checkpoint/saved_shape.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

namespace detail {

/// The order of bytes, compared as text: g++ 12 warns about that of std::vector where it optimises.
struct by_bytes {
    [[nodiscard]] bool operator()(std::vector<std::byte> const& left, std::vector<std::byte> const& right) const
    {
        return as_text(left) < as_text(right);
    }

private:
    [[nodiscard]] static std::string_view as_text(std::vector<std::byte> const& bytes)
    {
        return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
    }
};

/// The bytes of entries by those of their keys.
class entries_by_key {
public:
    entries_by_key(std::string_view key_schema, std::string_view state_schema)
        : key_(key_schema)
        , state_(state_schema)
    {}

    /// Takes entries, then keys that went.
    void take(std::span<std::byte const> bytes, std::uint64_t put, std::uint64_t gone)
    {
        input_archive in(bytes);
        for (; put != 0; --put) {
            auto key = next(in, bytes, key_);
            auto entry = key;
            auto const state = next(in, bytes, state_);
            entry.insert(entry.end(), state.begin(), state.end());
            auto const updated = bytes.subspan(in.position());
            (void)load<std::int64_t>(in);
            entry.insert(entry.end(), updated.begin(), updated.begin() + sizeof(std::int64_t));
            entries_.insert_or_assign(std::move(key), std::move(entry));
        }
        for (; gone != 0; --gone)
            entries_.erase(next(in, bytes, key_));
        expect_no_more(in);
    }

    [[nodiscard]] std::map<std::vector<std::byte>, std::vector<std::byte>, by_bytes> const& get() const
    {
        return entries_;
    }

private:
    [[nodiscard]] std::vector<std::byte> next(input_archive& in, std::span<std::byte const> bytes,
                                              saved_shape const& shape)
    {
        auto const begin = in.position();
        words_.clear();
        append_saved_json(words_, shape, in);
        auto const read = bytes.subspan(begin, in.position() - begin);
        return {read.begin(), read.end()};
    }

    saved_shape key_;
    saved_shape state_;
    std::string words_;
    std::map<std::vector<std::byte>, std::vector<std::byte>, by_bytes> entries_;
};

} // namespace detail

/// The group with all its runs applied: a base and no run. Of equal keys one is left when their bytes are the same.
///
/// *Throws* as `append_saved_json`.
[[nodiscard]] inline group_image merged_group(group_image const& group, std::string_view key_schema,
                                              std::string_view state_schema)
{
    if (group.runs.empty())
        return group;
    detail::entries_by_key entries(key_schema, state_schema);
    entries.take(group.bytes, group.records, 0);
    for (auto const& run : group.runs)
        entries.take(run.bytes, run.put, run.gone);
    group_image merged{group.group, entries.get().size(), {}};
    for (auto const& [key, entry] : entries.get())
        merged.bytes.insert(merged.bytes.end(), entry.begin(), entry.end());
    return merged;
}

} // namespace tidemark
