// SPDX-License-Identifier: BSL-1.0
//
// state_export: the keys and states of a stage out of a checkpoint, one by one or as a plain Boost archive; for tools.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/detail/container_names.hpp>
#include <tidemark/checkpoint/detail/plain_value.hpp>
#include <tidemark/checkpoint/detail/state_archive.hpp>
#include <tidemark/checkpoint/detail/usable_commit.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/key_hash.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tidemark {

/// A function of a key and its state, or of these and the batch time of the state's last update.
template <typename F, typename Key, typename State>
concept state_visitor = std::invocable<F&, Key, State, batch_time> || std::invocable<F&, Key, State>;

/// An archive of Boost.Serialization that saves: text, binary, xml or any other model of the concept.
template <typename Archive>
concept saving_archive = requires { requires Archive::is_saving::value; };

/// Where exported states come from.
struct exported_stage {
    std::string stage;
    std::string kind;               ///< the operator that keeps them
    batch_time time{0};             ///< they are those after this batch
    std::uint64_t states = 0;       ///< how many
    std::vector<std::string> notes; ///< why it is no newer commit, and what else is odd; as a start would say it
};

namespace detail {

/// The states of one stage of a commit.
class stage_states {
public:
    stage_states(checkpoint_directory const& directory, std::string_view stage, std::optional<batch_time> commit)
        : commit_(commit ? commit_of_batch(directory.storage(), *commit) : newest_commit(directory.storage()))
        , image_(find(directory.storage().describe(), stage))
    {
        auto const& settings = commit_.record.settings;
        auto const groups = settings.find(snapshot_format::key_groups_setting);
        if (groups == settings.end())
            throw corrupt_checkpoint("the commit of batch " + to_string(commit_.record.time)
                                     + " does not say how many key-groups there are");
        groups_ = from_bytes<std::uint64_t>(groups->second);
    }
    stage_states(stage_states const&) = delete;
    stage_states& operator=(stage_states const&) = delete;
    ~stage_states() = default;

    [[nodiscard]] stage_image const& image() const { return *image_; }

    /// Of so many states.
    [[nodiscard]] exported_stage description(std::uint64_t states) const
    {
        return {image_->name, image_->kind, commit_.record.time, states, commit_.notes};
    }

    /// *Throws* `incompatible_checkpoint` unless these are the types of which the states are.
    template <typename Key, typename State>
    void expect_types() const
    {
        if (image_->key_schema.empty())
            throw incompatible_checkpoint(place() + " is a " + image_->kind
                                          + ", which has no state for a key; expected "
                                          + "a stage of map_with_state or update_state_by_key");
        auto const expect = [&](char const* what, std::string const& found, std::string const& expected) {
            if (!schema_reads(expected, found))
                throw incompatible_checkpoint(place() + ": the checkpoint holds " + what + " " + found
                                              + ", and this program expects " + expected
                                              + "; name the types of the program that wrote it");
        };
        expect("keys of", image_->key_schema, schema_of<Key>());
        expect("states of", image_->state_schema, schema_of<State>());
    }

    /// Calls `take(key, state, updated)` for each; gives how many there are.
    template <typename Key, typename State, typename Take>
    std::uint64_t each(Take const& take) const
    {
        std::uint64_t taken = 0;
        auto const count_one = [&](Key&& key, State&& state, batch_time updated) {
            ++taken;
            take(std::move(key), std::move(state), updated);
        };
        for (auto const& group : image_->groups) {
            if (group.group >= groups_)
                continue; // it belongs to the stage as a whole
            if (group.runs.empty())
                read_entries<Key, State>(group, group.bytes, group.records, count_one);
            else
                each_changed<Key, State>(group, count_one);
        }
        return taken;
    }

private:
    /// Reads so many entries, and then `gone` keys.
    template <typename Key, typename State, typename Take>
    void read_entries(group_image const& group, std::span<std::byte const> bytes, std::uint64_t entries,
                      Take const& take, std::uint64_t gone = 0, std::function<void(Key const&)> const& drop = {}) const
    {
        input_archive in(bytes);
        for (std::uint64_t left = entries; left != 0; --left) {
            std::optional<Key> key;
            std::optional<State> state;
            std::int64_t updated = 0;
            read(group, [&] {
                key.emplace(load<Key>(in));
                state.emplace(load<State>(in));
                updated = load<std::int64_t>(in);
                if (left == 1 && gone == 0)
                    expect_no_more(in);
            });
            take(std::move(*key), std::move(*state), batch_time(updated));
        }
        for (std::uint64_t left = gone; left != 0; --left)
            read(group, [&] {
                drop(load<Key>(in));
                if (left == 1)
                    expect_no_more(in);
            });
    }

    /// What a group holds after its runs.
    template <typename Key, typename State, typename Take>
    void each_changed(group_image const& group, Take const& take) const
    {
        std::unordered_map<Key, std::pair<State, batch_time>, key_hasher> entries;
        auto const put = [&](Key&& key, State&& state, batch_time updated) {
            entries.insert_or_assign(std::move(key), std::pair(std::move(state), updated));
        };
        std::function<void(Key const&)> const drop = [&](Key const& key) { entries.erase(key); };
        read_entries<Key, State>(group, group.bytes, group.records, put);
        for (auto const& run : group.runs)
            read_entries<Key, State>(group, run.bytes, run.put, put, run.gone, drop);
        while (!entries.empty()) {
            auto entry = entries.extract(entries.begin());
            take(std::move(entry.key()), std::move(entry.mapped().first), entry.mapped().second);
        }
    }

    [[nodiscard]] stage_image const* find(std::string const& where, std::string_view stage) const
    {
        std::string others;
        for (auto const& image : commit_.record.stages) {
            if (image.name == stage)
                return &image;
            others += (others.empty() ? "\"" : ", \"") + image.name + "\"";
        }
        throw incompatible_checkpoint("expected a stage \"" + std::string(stage) + "\" in the commit of batch "
                                      + to_string(commit_.record.time) + " in " + where + ", found "
                                      + (others.empty() ? "no stage with a state" : others)
                                      + "; give the name that stands in angle brackets behind its operator");
    }

    [[nodiscard]] std::string place() const { return "stage \"" + image_->name + "\""; }

    /// The bytes are those that were written; so what cannot be read was written by another `serialize`.
    template <typename Read>
    void read(group_image const& group, Read const& one) const
    {
        try {
            one();
        } catch (incompatible_checkpoint const& problem) {
            throw incompatible_checkpoint(place() + ": " + problem.what());
        } catch (std::bad_alloc const&) { // no word about the bytes
            throw;
        } catch (std::exception const& problem) {
            throw incompatible_checkpoint(place() + ", key-group " + std::to_string(group.group)
                                          + ": what was saved is not what this program's serialize reads: "
                                          + problem.what() + "; use the types of the program that wrote it");
        }
    }

    usable_commit commit_;
    stage_image const* image_;
    std::uint64_t groups_ = 0;
};

} // namespace detail

/// Calls `visit` with each key and state of a stage with a state by key, as the checkpoint in `directory` holds them,
/// in no particular order; `visit` may take the batch time of the last update too. No application is needed, and none
/// may be in the way: one that runs goes on.
///
/// `directory` is a path, a `checkpoint_directory` or any storage. The states are those of the newest commit whose every
/// byte verifies, which a start would use, or of the commit of the batch `commit`. Takes no lock and writes nothing;
/// holds the whole commit in memory.
/// *Throws* `incompatible_checkpoint` when there is no such stage, or its keys or states are of other types;
/// `corrupt_checkpoint` when there were commits and none can be read, or not that of `commit`; `checkpoint_error` when
/// there is none; `storage_error`; what `visit` throws.
template <serializable Key, serializable State, typename Directory, state_visitor<Key, State> Visitor>
    requires hashable_key<Key> && std::constructible_from<checkpoint_directory, Directory const&>
exported_stage for_each_state(Directory const& directory, std::string_view stage, Visitor&& visit,
                              std::optional<batch_time> commit = std::nullopt)
{
    detail::stage_states const states(checkpoint_directory(directory), stage, commit);
    states.expect_types<Key, State>();
    auto const given = states.each<Key, State>([&](Key&& key, State&& state, batch_time updated) {
        if constexpr (std::invocable<Visitor&, Key, State, batch_time>)
            std::invoke(visit, std::move(key), std::move(state), updated);
        else
            std::invoke(visit, std::move(key), std::move(state));
    });
    return states.description(given);
}

/// Writes the keys and states of a stage, with the times of their last updates, to `archive`: any archive of
/// Boost.Serialization that saves. `docs/state.md` has the layout; `import_state` reads it.
///
/// *Requires* that a type of yours with its own `serialize` can be saved by that archive; everything else that is
/// serializable can. Holds the whole commit and all states in memory.
/// *Throws* as `for_each_state`, and `storage_error` that names the stage when the archive does not take a value.
template <serializable Key, serializable State, typename Directory, saving_archive Archive>
    requires hashable_key<Key> && std::constructible_from<checkpoint_directory, Directory const&>
exported_stage export_state(Directory const& directory, std::string_view stage, Archive& archive,
                            std::optional<batch_time> commit = std::nullopt)
{
    struct entry {
        Key key;
        State state;
        std::int64_t updated;
    };
    detail::stage_states const states(checkpoint_directory(directory), stage, commit);
    states.expect_types<Key, State>();
    std::deque<entry> entries; // each stays in its place: an archive may know a value that it tracks by its address
    auto const given = states.each<Key, State>([&](Key&& key, State&& state, batch_time updated) {
        entries.push_back({std::move(key), std::move(state), updated.count()});
    });
    auto const about = states.description(given);
    try {
        detail::save_plain(archive, "begin", detail::state_archive_begin);
        detail::save_plain(archive, "version", detail::state_archive_version);
        detail::save_plain(archive, "stage", about.stage);
        detail::save_plain(archive, "kind", about.kind);
        detail::save_plain(archive, "time", about.time.count());
        detail::save_plain(archive, "keys", schema_of<Key>());
        detail::save_plain(archive, "states", schema_of<State>());
        detail::save_plain(archive, "containers", detail::containers_in<std::pair<Key, State>>());
        detail::save_plain(archive, "count", about.states);
        for (auto const& each : entries) {
            detail::save_plain(archive, "key", each.key);
            detail::save_plain(archive, "state", each.state);
            detail::save_plain(archive, "updated", each.updated);
        }
        detail::save_plain(archive, "end", detail::state_archive_end);
    } catch (std::exception const& problem) {
        throw storage_error("stage \"" + about.stage + "\": the archive did not take its "
                            + std::to_string(about.states) + " states: " + problem.what()
                            + "; what it holds is incomplete: look whether its stream can be written, and begin anew");
    }
    return about;
}

} // namespace tidemark
