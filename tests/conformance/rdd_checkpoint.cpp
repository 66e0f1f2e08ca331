// SPDX-License-Identifier: BSL-1.0
//
// rdd_checkpoint: what the library says of the checkpoint of an rdd, question by question.

#include "cases.hpp"

#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/checkpoint.hpp>
#include <tidemark/rdd/rdd_context.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark_test {
namespace {

namespace tide = tidemark;
using pairs = std::pair<int, int>;

/// An rdd in four partitions on a directory in memory, and what came before its mark.
struct subject {
    tide::memory_storage files;
    tide::rdd_context<true> rc = tide::rdd_context(1, tide::checkpoint_directory(files));

    [[nodiscard]] auto source(std::vector<int> const& numbers = {1, 2, 3, 4, 5, 6, 7}, std::size_t parts = 4) const
    {
        return rc.parallelize(numbers, parts) | tide::map([](int x) { return x + 1; });
    }
    [[nodiscard]] auto sums() const
    {
        return source() | tide::map([](int x) { return pairs(x % 3, x); })
               | tide::reduce_by_key([](int a, int b) { return a + b; });
    }
    /// Damages the record of how keys lie: the last one of the mark.
    void spoil_partitioning() const
    {
        auto const folder = files.folder(files.folders().at(0));
        auto mark = folder.read("mark");
        mark.back() ^= std::byte{1};
        folder.put("mark", mark);
    }
};

[[nodiscard]] json::value or_null(std::optional<std::string> const& text)
{
    return text ? json::value(*text) : json::value(nullptr);
}

row_answer partitioner_answer(bool spoilt)
{
    subject const one;
    auto const saved = one.sums() | tide::checkpoint();
    auto const before = tide::pipeline_of(saved).partitioning();
    (void)tide::collect(saved);
    if (spoilt)
        one.spoil_partitioning();
    auto const back = one.rc.read_checkpoint<pairs>(*tide::checkpoint_file(saved));
    auto const found = tide::pipeline_of(back).partitioning();
    if (!found)
        return {"none"};
    return {found == before ? "equal to the original" : "another one"};
}

row_answer lineage_answer()
{
    subject const one;
    auto const saved = one.source() | tide::checkpoint();
    (void)tide::collect(saved);
    auto const parents = tide::pipeline_of(saved).origin()->parents();
    bool const cut = parents.size() == 1 && parents[0].parent->parents().empty()
                     && parents[0].parent->describe().starts_with("checkpoint in ");
    return {cut ? "cut: only dependency is the checkpoint dataset" : "not cut"};
}

/// An action on a marked child of a marked parent.
bool parent_is_written()
{
    subject const one;
    auto const parent = one.source() | tide::checkpoint();
    auto const child = parent | tide::map([](int x) { return x; }) | tide::checkpoint();
    (void)tide::collect(child);
    return tide::is_checkpointed(parent);
}

row_answer answer(json::value const& line)
{
    auto const question = text_of_row(line);
    subject const one;
    auto const saved = one.source() | tide::checkpoint();
    if (question == "marked, no action yet: is checkpointed?")
        return {tide::is_checkpointed(saved)};
    if (question == "marked, no action yet: checkpoint file?")
        return {or_null(tide::checkpoint_file(saved))};
    if (question == "after first action: is checkpointed?") {
        (void)tide::count_records(saved);
        return {tide::is_checkpointed(saved)};
    }
    if (question == "after first action: lineage")
        return lineage_answer();
    if (question == "after first action: partitions") {
        (void)tide::count_records(saved);
        return {tide::pipeline_of(saved).partitions() == 4 ? "same number as before" : "another number"};
    }
    if (question == "zero-partition dataset after count: is checkpointed?") {
        tide::dataset_ptr<int> const nothing = std::make_shared<tide::stored_dataset<int>>(tide::partitioned<int>());
        auto const empty = tide::rdd<int>(nothing, tide::shared_environment_of(saved)) | tide::checkpoint();
        (void)tide::count_records(empty);
        return {tide::is_checkpointed(empty)};
    }
    if (question == "marked twice: is checkpointed after action?") {
        auto const twice = saved | tide::checkpoint();
        (void)tide::count_records(twice);
        return {tide::is_checkpointed(twice)};
    }
    if (question == "mark after the first action: is checkpointed?") {
        auto const source = one.source();
        (void)tide::count_records(source);
        auto const late = source | tide::checkpoint();
        (void)tide::count_records(late);
        return {false,
                "a mark counts whenever it is made (our test: \"empty partitions have files too, and a mark may come "
                "after other actions and twice\")",
                json::value(tide::is_checkpointed(late))};
    }
    if (question == "partitioned dataset read back: partitioner")
        return partitioner_answer(false);
    if (question == "partitioner file corrupt, read back: partitioner")
        return partitioner_answer(true);
    if (question == "partitioner file corrupt, read back: data") {
        auto const sums = one.sums() | tide::checkpoint();
        auto const all = tide::collect(sums);
        one.spoil_partitioning();
        auto const back = one.rc.read_checkpoint<pairs>(*tide::checkpoint_file(sums));
        return {tide::collect(back) == all ? "readable" : "other data"};
    }
    if (question == "local checkpoint after action: checkpoint file?") {
        auto const local = one.source() | tide::local_checkpoint();
        (void)tide::count_records(local);
        return {or_null(tide::checkpoint_file(local))};
    }
    if (question == "parent and child both marked, action on child, default: parent checkpointed?") {
        if (!parent_is_written())
            return {"the parent's mark was lost"};
        return {false,
                "Spark's default stops at the first mark on a path, so that the parent's is lost with its "
                "lineage; here all marks are written, parents first "
                "(our test: \"marked parents below marked children are both written, parents first\")",
                json::value(true)};
    }
    if (question == "same, with \"all marked ancestors\": parent checkpointed?")
        return {parent_is_written()};
    throw not_covered("unknown question \"" + question + "\"");
}

} // namespace

void add_rdd_checkpoint_families(family_table& families)
{
    families["dataset checkpoint"] = [](test_case const& one) {
        one.expect_only({"checkpoint_dir_set"});
        if (auto const* const set = one.parameter("checkpoint_dir_set"); set != nullptr && !set->as_bool())
            throw not_covered("checkpoint() without a directory does not compile");
        return check_rows(one, answer);
    };
}

} // namespace tidemark_test
