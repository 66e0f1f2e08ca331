// SPDX-License-Identifier: BSL-1.0
//
// state_import: keys and states out of a plain Boost archive that export_state has written, to begin with.

#pragma once

#include <tidemark/checkpoint/detail/container_names.hpp>
#include <tidemark/checkpoint/detail/plain_value.hpp>
#include <tidemark/checkpoint/detail/state_archive.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// An archive of Boost.Serialization that loads: text, binary, xml or any other model of the concept.
template <typename Archive>
concept loading_archive = requires { requires Archive::is_loading::value; };

/// A key and its state, and the batch time of the state's last update.
template <typename Key, typename State>
struct imported_state {
    Key key;
    State state;
    batch_time updated{0};
};

/// All that `export_state` has written.
template <typename Key, typename State>
struct imported_stage {
    std::string stage;
    std::string kind;   ///< the operator that kept them
    batch_time time{0}; ///< they are those after this batch
    std::vector<imported_state<Key, State>> states;
};

namespace detail {

/// Reads exported states from `archive` and says what is wrong with them.
template <typename Key, typename State, typename Archive>
class state_importer {
public:
    explicit state_importer(Archive& archive)
        : archive_(archive)
    {}

    [[nodiscard]] imported_stage<Key, State> read() &&
    {
        try {
            read_all();
        } catch (incompatible_file const&) {
            throw;
        } catch (std::exception const& problem) { // Boost's own, and what comes of lengths that are believed
            throw corrupt_file(place() + ": expected the archive that export_state wrote, found after "
                               + std::to_string(found_.states.size()) + " states what cannot be read: " + problem.what()
                               + "; export the states once more, or take another copy of the archive");
        }
        return std::move(found_);
    }

private:
    static constexpr std::uint64_t believed = 1024; // states that room is made for before one is seen

    [[nodiscard]] std::string place() const
    {
        return found_.stage.empty() ? "exported states" : "exported states of stage \"" + found_.stage + "\"";
    }

    void read_all()
    {
        expect_mark("begin", state_archive_begin);
        auto const version = detail::plainly_loaded<std::uint32_t>(archive_, "version");
        if (version == 0)
            throw corrupt_file("version 0, which there never was");
        if (version > state_archive_version)
            throw incompatible_file(place() + ": found version " + std::to_string(version)
                                    + " of their layout, expected at most " + std::to_string(state_archive_version)
                                    + "; import them with the version of tidemark that exported them");
        detail::load_plain(archive_, "stage", found_.stage);
        detail::load_plain(archive_, "kind", found_.kind);
        found_.time = batch_time(detail::plainly_loaded<std::int64_t>(archive_, "time"));
        expect_schema("keys", schema_of<Key>());
        expect_schema("states", schema_of<State>());
        auto const containers = detail::plainly_loaded<std::string>(archive_, "containers");
        if (auto const expected = detail::containers_in<std::pair<Key, State>>(); containers != expected)
            throw incompatible_file(place() + ": found the containers \"" + containers
                                    + "\" in keys and states, expected \"" + expected
                                    + "\"; name the types that they were exported with");
        auto const count = detail::plainly_loaded<std::uint64_t>(archive_, "count");
        found_.states.reserve(static_cast<std::size_t>(std::min(count, believed)));
        for (std::uint64_t i = 0; i != count; ++i) {
            auto key = detail::plainly_loaded<Key>(archive_, "key");
            auto state = detail::plainly_loaded<State>(archive_, "state");
            auto const updated = detail::plainly_loaded<std::int64_t>(archive_, "updated");
            found_.states.push_back({std::move(key), std::move(state), batch_time(updated)});
        }
        expect_mark("end", state_archive_end);
    }

    void expect_mark(char const* name, std::uint32_t expected)
    {
        auto const found = detail::plainly_loaded<std::uint32_t>(archive_, name);
        if (found != expected)
            throw corrupt_file("expected the mark " + std::to_string(expected) + " at their " + name + ", found "
                               + std::to_string(found));
    }

    void expect_schema(char const* what, std::string const& expected)
    {
        auto const found = detail::plainly_loaded<std::string>(archive_, what);
        if (!schema_reads(expected, found))
            throw incompatible_file(place() + ": found " + what + " of " + found + ", expected " + expected
                                    + "; name the types that they were exported with");
    }

    Archive& archive_;
    imported_stage<Key, State> found_;
};

} // namespace detail

/// All that `export_state` wrote to an archive of the same kind, with the times of the last updates.
///
/// The types are compared with those of the export before a state is read; an older class version is read as from a
/// checkpoint. No memory is taken for a count of states before they are there. Within a key or state, lengths are what
/// the archive says: a plain Boost archive has no checksums, so keep one of the whole file where damage must be noticed.
/// *Throws* `corrupt_file` that names the stage for whatever cannot be read, `incompatible_file` for states of other
/// types or a newer layout.
template <serializable Key, serializable State, loading_archive Archive>
    requires(!std::is_array_v<Key> && !std::is_array_v<State>)
[[nodiscard]] imported_stage<Key, State> import_state_with_times(Archive& archive)
{
    return detail::state_importer<Key, State, Archive>(archive).read();
}

/// The keys and states that `export_state` wrote to an archive of the same kind, as `initial_state` takes them.
///
/// *Throws* and trusts as `import_state_with_times`.
template <serializable Key, serializable State, loading_archive Archive>
    requires(!std::is_array_v<Key> && !std::is_array_v<State>)
[[nodiscard]] std::vector<std::pair<Key, State>> import_state(Archive& archive)
{
    auto all = import_state_with_times<Key, State>(archive);
    std::vector<std::pair<Key, State>> pairs;
    pairs.reserve(all.states.size());
    for (auto& each : all.states)
        pairs.emplace_back(std::move(each.key), std::move(each.state));
    return pairs;
}

} // namespace tidemark
