// SPDX-License-Identifier: BSL-1.0
//
// seeds: inputs of the readers that are sound, to begin with.

#pragma once

#include <fuzz/readers.hpp>

#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/checkpoint/state_export.hpp>

#include <checkpoint/journal_cases.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace fuzz {

/// An input for the reader of that name.
struct seed {
    std::string_view reader;
    std::vector<std::byte> input;
};

namespace detail {

inline std::vector<std::byte> behind(std::vector<unsigned> const& front, bytes rest)
{
    std::vector<std::byte> all;
    for (auto const byte : front)
        all.push_back(static_cast<std::byte>(byte));
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
}

template <typename T>
void add_value(std::vector<seed>& all, unsigned type, T const& value)
{
    tidemark::output_archive out;
    out << value;
    all.push_back({"values", behind({type}, out.bytes())});
    auto const schema = tidemark::schema_of<T>();
    if (tidemark::saved_shape(schema).unreadable())
        return;
    auto text = behind({}, std::as_bytes(std::span(schema)));
    text.push_back({});
    text.insert(text.end(), out.bytes().begin(), out.bytes().end());
    all.push_back({"json", std::move(text)});
}

/// Two starts, each with a plan, a finished output and a commit for every batch; a savepoint of the first.
inline tidemark::memory_storage some_checkpoint(bool is_compressed)
{
    tidemark::memory_storage files;
    auto const directory = tidemark::checkpoint_directory(files);
    auto const storage =
        is_compressed ? directory.compressed_by(compression_cases::run_lengths{}).storage() : directory.storage();
    for (std::int64_t start = 0; start < 2; ++start) {
        auto log = tidemark::journal::open(storage, journal_cases::options()).log;
        for (auto batch = 1 + 2 * start; batch <= 2 + 2 * start; ++batch) {
            log.plan(journal_cases::plan_of(batch), false);
            log.done(journal_cases::done_of(batch), false);
            auto record = journal_cases::commit_of(batch);
            record.stages.back().groups.push_back({2, 1, journal_cases::repeated(batch, 100)});
            static_cast<void>(log.commit(record));
            if (batch == 1)
                static_cast<void>(log.save("one"));
        }
    }
    return files;
}

inline std::vector<std::byte> some_export()
{
    auto const made = checkpoint_of(sound_commit());
    tidemark::output_archive out;
    static_cast<void>(tidemark::export_state<std::string, std::vector<int>>(made, "kept", out));
    return {out.bytes().begin(), out.bytes().end()};
}

} // namespace detail

/// Some for every reader.
inline std::vector<seed> seeds()
{
    using detail::behind;
    std::vector<seed> all;
    detail::add_value(all, 0, std::string("text"));
    detail::add_value(all, 1, std::vector<std::string>{"a", "bc", ""});
    detail::add_value(all, 2, std::map<std::string, std::vector<std::int32_t>>{{"a", {1, 2}}, {"b", {}}});
    detail::add_value(all, 4, std::variant<std::monostate, std::string, std::vector<double>>(std::vector{1.5, 2.5}));
    detail::add_value(all, 8, tree{1, {tree{2, {}}, tree{3, {tree{4, {}}}}}});
    detail::add_value(all, 9, std::deque<leaf>{{"x", 1.5, 7}, {"y", -2, std::nullopt}});
    detail::add_value(all, 10, std::list<self_saved>{{{"a", "b"}, 3}});
    auto const plan = tidemark::detail::encode_plan(journal_cases::plan_of(1));
    auto const done = tidemark::detail::encode_done(journal_cases::done_of(1));
    all.push_back({"payloads", behind({1}, plan)});
    all.push_back({"payloads", behind({2}, done)});
    all.push_back({"payloads", behind({0}, tidemark::detail::encode_commit(journal_cases::commit_of(1), {{{1, 1}, 200}},
                                                                           {{{}}, {{}}}))});
    tidemark::dataset_mark const mark{7, "int32", {{100, 3, 5}, {200, 4, 6}}, tidemark::key_partitioning{2, 4, {}}};
    all.push_back({"marks", behind({1}, tidemark::encode_mark(mark))});
    all.push_back({"marks", behind({2}, tidemark::encode_object_index({"string", {{10, 1, 2}}}))});

    for (bool const is_compressed : {false, true}) {
        auto const checkpoint = detail::some_checkpoint(is_compressed);
        std::vector<std::byte> directory;
        for (std::size_t i = 0; i < directory_names.size(); ++i) {
            std::string const name(directory_names[i]);
            if (!checkpoint.exists(name))
                continue;
            auto const file = checkpoint.read(name);
            if (name == "manifest")
                all.push_back({"marks", behind({0}, file)});
            auto const piece = behind({static_cast<unsigned>(2 * i), static_cast<unsigned>(file.size() % 256),
                                       static_cast<unsigned>(file.size() / 256)},
                                      file);
            directory.insert(directory.end(), piece.begin(), piece.end());
        }
        all.push_back({"directory", std::move(directory)});
    }
    tidemark::block_compressions ways;
    ways.write_with(compression_cases::run_lengths{});
    all.push_back({"compressed", tidemark::detail::compressed(*ways.writer(), journal_cases::repeated(1, 1000))});

    tidemark::memory_storage const files;
    {
        tidemark::part_writer part(files, 7, 0, "int32");
        part.append(std::as_bytes(std::span(std::string_view("some rows"))), 9);
        part.append(std::as_bytes(std::span(std::string_view("some more rows"))), 14);
        static_cast<void>(part.finish());
    }
    all.push_back({"part", behind({0, 0, 23, 0, 0, 0, 0, 0, 0}, files.read(tidemark::part_name(0)))});
    auto const event = tidemark::to_bytes(tidemark::detail::block_event());
    all.push_back({"block event", event});
    all.push_back({"block log", tidemark::detail::encode_block_frame(event, 1, 1)});
    all.push_back({"block log start", tidemark::detail::encode_block_log_start({1, true, 2000, {"shop", 7, 3}})});
    auto received = tidemark::detail::memory_input(std::vector<std::string>{"a", "b"}, 2);
    all.push_back({"logged", tidemark::detail::logged(std::move(received)).plan});
    all.push_back({"logged", tidemark::detail::encode_block_position({7, event, 1, 9, "blocks"})});
    auto first_position = tidemark::to_bytes(std::pair(tidemark::detail::first_block_position_mark, std::int64_t{7}));
    first_position.insert(first_position.end(), event.begin(), event.end());
    all.push_back({"logged", first_position});
    // keys with a state and its time: one; then one in a run, and a key that goes
    auto const entry = [](std::string const& key) { return std::tuple(key, 5, std::int64_t{1000}); };
    auto const base = tidemark::to_bytes(entry("one"));
    auto run = tidemark::to_bytes(entry("two"));
    auto const gone = tidemark::to_bytes(std::string("one"));
    run.insert(run.end(), gone.begin(), gone.end());
    auto runs = behind({static_cast<unsigned>(base.size()), 1U | 1U << 4U | 1U << 6U}, base);
    runs.insert(runs.end(), run.begin(), run.end());
    all.push_back({"merged", std::move(runs)});

    auto file = files.create("object");
    tidemark::object_part_writer<std::pair<std::string, std::int32_t>, tidemark::memory_file> part(file, 0);
    part.add({"one", 1});
    part.add({"two", 2});
    static_cast<void>(part.finish());
    auto const object = files.read("object");
    all.push_back(
        {"object part", behind({0, 0, 2}, bytes(object).subspan(tidemark::object_format::part_header_bytes))});
    all.push_back({"kept", tidemark::save_row<std::string>({"some", "words"})});
    all.push_back({"exported", detail::some_export()});

    unsigned number = 0;
    each_saved(
        sound_commit(),
        [&](tidemark::group_image const& group) {
            for (auto const& each : group.runs)
                all.push_back({"restored", behind({number | 0x80U, static_cast<unsigned>(each.put | each.gone << 4U)},
                                                  each.bytes)});
            all.push_back({"restored", behind({number++, static_cast<unsigned>(group.records)}, group.bytes)});
        },
        [&](std::vector<std::byte> const& value) { all.push_back({"restored", behind({number++, 0}, value)}); });
    return all;
}

} // namespace fuzz
