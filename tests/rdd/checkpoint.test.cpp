// SPDX-License-Identifier: BSL-1.0

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/operators/union_.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/checkpoint.hpp>
#include <tidemark/rdd/rdd_context.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/testing/lose_partition.hpp>

#include <storage/storages.hpp>
#include <support/catch.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark;
using Catch::Matchers::Contains;

std::vector<int> one_to(int last)
{
    std::vector<int> all(static_cast<std::size_t>(last));
    std::iota(all.begin(), all.end(), 1);
    return all;
}

struct counting {
    std::shared_ptr<std::atomic<int>> calls = std::make_shared<std::atomic<int>>(0);

    int operator()(int x) const
    {
        ++*calls;
        return 10 * x;
    }
    [[nodiscard]] int take() const { return calls->exchange(0); }
};

rdd_context<true> context_on(any_storage files, std::size_t threads = 1, rdd_settings how = {})
{
    return rdd_context(threads, checkpoint_directory(std::move(files)), std::move(how));
}

/// What `call` throws of type `Error`.
template <typename Error, typename Call>
std::string words_of(Call call)
{
    try {
        call();
    } catch (Error const& problem) {
        return problem.what();
    }
    return "nothing";
}

std::vector<std::string> files_of(any_storage const& files) { return files.folder(files.folders().at(0)).list(); }

} // namespace

TEST_CASE("a checkpoint is made by the first action, and computes each record once", "[rdd][checkpoint]")
{
    for (auto const threads : {std::size_t{1}, std::size_t{3}}) {
        memory_storage const files;
        auto const rc = context_on(files, threads);
        counting const times10;
        auto const source = rc.parallelize(one_to(100), 5) | map(times10);
        auto const saved = source | checkpoint();
        auto const child = saved | map([](int x) { return x + 1; });
        auto const expected = rc.parallelize(one_to(100), 5) | map([](int x) { return 10 * x; }) | collect();

        CHECK(checkpoint_state(source) == checkpoint_progress::initialized);
        CHECK(checkpoint_state(saved) == checkpoint_progress::marked);
        CHECK_FALSE(is_checkpointed(saved));
        CHECK_FALSE(checkpoint_file(saved));
        CHECK(files.folders().empty());
        CHECK(times10.take() == 0);

        CHECK((child | take(1)) == std::vector{11});
        CHECK(times10.take() == 100);
        CHECK(checkpoint_state(saved) == checkpoint_progress::checkpointed);
        CHECK(is_checkpointed(saved));
        CHECK(saved | is_checkpointed());
        CHECK(checkpoint_file(saved) == "memory/" + files.folders().at(0));
        CHECK(
            files_of(files)
            == std::vector<std::string>{"mark", "part-00000", "part-00001", "part-00002", "part-00003", "part-00004"});
        CHECK((saved | collect()) == expected);
        CHECK((saved | collect()) == expected);
        CHECK((child | count_records()) == 100);
        CHECK(times10.take() == 0);
        CHECK(checkpoint_state(child) == checkpoint_progress::initialized);
    }
}

TEST_CASE("what is written is durable when the action comes back", "[rdd][checkpoint]")
{
    memory_storage const files;
    auto const rc = context_on(files);
    auto const saved = rc.parallelize(one_to(10), 3) | checkpoint();
    (void)collect(saved);
    for (std::uint64_t seed = 0; seed < 200; ++seed)
        REQUIRE((context_on(files.crash(seed)).read_checkpoint<int>(*checkpoint_file(saved)) | collect())
                == one_to(10));
}

TEST_CASE("it is in progress while it is written", "[rdd][checkpoint]")
{
    memory_storage const files;
    auto const rc = context_on(files);
    auto const ask = std::make_shared<std::optional<rdd<int>>>();
    auto const seen = std::make_shared<std::set<std::string>>();
    auto const saved = rc.parallelize(one_to(4), 2) | map([ask, seen](int x) {
                           seen->insert(std::string(to_string(checkpoint_state(**ask))));
                           return x;
                       })
                       | checkpoint();
    ask->emplace(saved);
    (void)collect(saved);
    CHECK(*seen == std::set<std::string>{"in progress"});
    ask->reset();
}

TEST_CASE("empty partitions have files too, and a mark may come after other actions and twice", "[rdd][checkpoint]")
{
    memory_storage const files;
    auto const rc = context_on(files);
    counting const times10;
    auto const source = rc.parallelize(one_to(2), 4) | map(times10);
    (void)collect(source);
    auto const saved = source | checkpoint();
    auto const again = saved | checkpoint() | checkpoint();
    CHECK((again | collect()) == std::vector{10, 20});
    CHECK((saved | collect()) == std::vector{10, 20});
    CHECK(times10.take() == 4);
    CHECK(files.folders().size() == 1);
    CHECK(files_of(files).size() == 5);
    CHECK(checkpoint_file(saved) == checkpoint_file(again));
    rdd<int> const erased = saved;
    CHECK(checkpoint_file(erased | checkpoint()) == checkpoint_file(saved));
}

TEST_CASE("the lineage is cut: what it was computed from is let go", "[rdd][checkpoint]")
{
    memory_storage const files;
    auto const rc = context_on(files);
    auto const alive = std::make_shared<int>(0);
    auto const with_witness = [&] {
        return rc.parallelize(std::vector{1, 2, 3}, 2) | map([alive](int x) { return std::pair(x % 2, x); })
               | reduce_by_key([alive](int a, int b) { return a + b; })
               | map([alive](auto pair) { return pair.second; }) | checkpoint();
    };
    auto const saved = with_witness();
    rdd<int> const erased = with_witness();
    CHECK(alive.use_count() > 3);
    (void)collect(erased);
    auto const held = alive.use_count();
    (void)collect(saved);
    CHECK(alive.use_count() < held);
    CHECK(alive.use_count() == 1);
    CHECK((saved | count_records()) == 2);
}

TEST_CASE("marked parents below marked children are both written, parents first", "[rdd][checkpoint]")
{
    memory_storage const files;
    auto const rc = context_on(files);
    counting const below;
    counting const above;
    auto const parent = rc.parallelize(one_to(6), 2) | map(below) | checkpoint();
    auto const child = parent | map(above) | checkpoint();
    (void)collect(child | union_(parent));
    CHECK(is_checkpointed(parent));
    CHECK(is_checkpointed(child));
    CHECK(below.take() == 6);
    CHECK(above.take() == 6);
    CHECK(files.folders().size() == 2);
}

TEST_CASE("how keys lie is kept, in the program and in the files", "[rdd][checkpoint]")
{
    memory_storage const files;
    auto const rc = context_on(files, 1, {.partitions = 4, .key_groups = 64});
    auto const sums = rc.parallelize(std::vector<std::pair<int, int>>{{1, 2}, {2, 3}, {1, 4}}, 2)
                      | reduce_by_key([](int a, int b) { return a + b; });
    auto const saved = sums | checkpoint();
    key_partitioning const expected{4, 64, nullptr};
    CHECK(pipeline_of(saved).partitioning() == expected);
    auto const all = saved | collect();
    CHECK(pipeline_of(saved).partitioning() == expected);
    auto const back = rc.read_checkpoint<std::pair<int, int>>(*checkpoint_file(saved));
    CHECK(pipeline_of(back).partitioning() == expected);
    CHECK((back | collect()) == all);

    // Damage to that alone costs work, not the data.
    auto const folder = files.folder(files.folders().at(0));
    auto mark = folder.read("mark");
    mark.back() ^= std::byte{1};
    folder.put("mark", mark);
    auto const without = rc.read_checkpoint<std::pair<int, int>>(*checkpoint_file(saved));
    CHECK_FALSE(pipeline_of(without).partitioning());
    CHECK((without | collect()) == all);
}

TEST_CASE("each operation on the storage may fail: the action says so, nothing is left, the next one succeeds",
          "[rdd][checkpoint]")
{
    auto const run = [](auto const& break_it, std::uint64_t number) {
        memory_storage const memory;
        fault_plan const plan(number);
        auto const rc = context_on(faulty_storage(memory, plan));
        counting const times10;
        auto const saved = rc.parallelize(one_to(10), 3) | map(times10) | checkpoint();
        break_it(plan);
        bool failed = false;
        try {
            pipeline_of(saved).prepare(environment_of(saved).executor);
        } catch (checkpoint_error const&) {
            failed = true;
        } catch (storage_error const&) {
            failed = true;
        }
        bool const counted = plan.operations() > number;
        if (!failed && !counted)
            return false; // the fault is still to come
        if (failed) {
            REQUIRE(checkpoint_state(saved) == checkpoint_progress::marked);
            REQUIRE_FALSE(checkpoint_file(saved));
            (void)times10.take();
            REQUIRE((saved | collect()).size() == 10);
            REQUIRE(times10.take() <= 10);
        }
        REQUIRE(is_checkpointed(saved));
        REQUIRE((saved | collect()).size() == 10);
        REQUIRE(memory.folders().size() == 1);
        REQUIRE(memory.folder(memory.folders()[0]).list().size() == 4);
        return counted;
    };
    std::uint64_t operations = 0;
    for (auto const effect : {fault_effect::none, fault_effect::all})
        for (operations = 0; run([&](fault_plan const& plan) { plan.fail(operations, effect); }, operations);)
            ++operations;
    CHECK(operations > 30);
    for (std::uint64_t append = 0; append < 3; ++append)
        run([&](fault_plan const& plan) { plan.tear(append); }, append);
    for (std::uint64_t space = 0; space < 400; space += 7) {
        memory_storage const memory;
        fault_plan const plan;
        auto const rc = context_on(faulty_storage(memory, plan));
        auto const saved = rc.parallelize(one_to(10), 3) | checkpoint();
        plan.limit_space(space);
        CHECK_THAT(words_of<storage_error>([&] { (void)collect(saved); }), Contains("No space left"));
        CHECK(memory.folders().empty());
        plan.limit_space(1'000'000);
        CHECK((saved | collect()) == one_to(10));
    }
}

TEST_CASE("a stale listing after the write is an error that names both numbers, and the next action tries again",
          "[rdd][checkpoint]")
{
    memory_storage const memory;
    fault_plan const plan;
    auto const rc = context_on(faulty_storage(memory, plan));
    counting const times10;
    auto const saved = rc.parallelize(one_to(10), 3) | map(times10) | checkpoint();
    plan.list_late(1'000'000);
    CHECK_THAT(words_of<checkpoint_error>([&] { (void)collect(saved); }), Contains("has 0 partitions, and the rdd 3"));
    CHECK(checkpoint_state(saved) == checkpoint_progress::marked);
    plan.list_late(0);
    CHECK((saved | collect()).size() == 10);
    CHECK(is_checkpointed(saved));
    CHECK(memory.folders().size() == 1); // nothing is left of the first attempt
}

TEST_CASE("a program that dies leaves a checkpoint that is whole, or one that is none", "[rdd][checkpoint]")
{
    std::size_t whole = 0;
    for (std::uint64_t changes = 0; changes < 40; ++changes)
        for (std::uint64_t seed = 0; seed < 25; ++seed) {
            memory_storage const memory;
            fault_plan const plan(seed);
            auto const rc = context_on(faulty_storage(memory, plan));
            plan.crash_after_changes(changes);
            try {
                (void)(rc.parallelize(one_to(10), 3) | checkpoint() | collect());
            } catch (simulated_crash const&) {
            }
            auto const after = memory.crash(seed);
            for (auto const& folder : after.folders()) {
                auto const found = after.folder(folder);
                if (!found.exists("mark"))
                    continue;
                REQUIRE((context_on(after).read_checkpoint<int>(folder) | collect()) == one_to(10));
                ++whole;
            }
        }
    CHECK(whole > 100);
}

TEST_CASE("a function that throws comes out of the action, and the next action tries again", "[rdd][checkpoint]")
{
    memory_storage const files;
    auto const rc = context_on(files, 2);
    auto const fails = std::make_shared<std::atomic<bool>>(true);
    auto const saved = rc.parallelize(one_to(6), 3) | map([fails](int x) {
                           if (x == 4 && fails->load())
                               throw std::runtime_error("four");
                           return x;
                       })
                       | checkpoint();
    CHECK(words_of<std::runtime_error>([&] { (void)collect(saved); }) == "four");
    CHECK(checkpoint_state(saved) == checkpoint_progress::marked);
    CHECK(files.folders().empty());
    fails->store(false);
    CHECK((saved | collect()) == one_to(6));
    CHECK(files.folders().size() == 1);
}

TEST_CASE("a partition that fails while it is written is tried again, and its part is whole", "[rdd][checkpoint]")
{
    memory_storage const files;
    auto const rc = context_on(files, 2);
    auto const failures = std::make_shared<std::atomic<int>>(3);
    auto const saved = rc.parallelize(one_to(6), 3) | map([failures](int x) {
                           if (x == 4 && failures->fetch_sub(1) > 0)
                               throw std::runtime_error("four");
                           return x;
                       })
                       | checkpoint();
    CHECK((saved | collect()) == one_to(6));
    CHECK((context_on(files).read_checkpoint<int>(*checkpoint_file(saved)) | collect()) == one_to(6));
    CHECK(files_of(files).size() == 4);
}

TEST_CASE("what a disk wrote otherwise than it was told to is found before the checkpoint becomes true",
          "[rdd][checkpoint]")
{
    std::uint64_t appends = 0;
    for (;; ++appends) {
        memory_storage const memory;
        fault_plan const plan(appends);
        auto const rc = context_on(faulty_storage(memory, plan));
        auto const saved = rc.parallelize(one_to(10), 3) | checkpoint();
        plan.flip_bit(appends);
        auto const found = words_of<checkpoint_error>([&] { (void)collect(saved); });
        if (plan.operations(storage_operation::append) <= appends)
            break; // there was none with that number
        REQUIRE(found != "nothing");
        CHECK(memory.folders().empty());
        CHECK((saved | collect()) == one_to(10));
    }
    CHECK(appends >= 4); // three parts and the mark
}

TEST_CASE("a part that grew while the program runs is refused", "[rdd][checkpoint]")
{
    memory_storage const files;
    auto const saved = context_on(files).parallelize(one_to(10), 3) | checkpoint();
    (void)collect(saved);
    auto const folder = files.folder(files.folders().at(0));
    auto part = folder.read("part-00001");
    part.push_back({});
    folder.put("part-00001", part);
    CHECK_THAT(words_of<corrupt_checkpoint>([&] { (void)collect(saved); }),
               Contains("part-00001") && Contains(" bytes in all"));
}

TEST_CASE("a part that appears from elsewhere is found, and both numbers are named", "[rdd][checkpoint]")
{
    memory_storage const files;
    auto const rc = context_on(files);
    auto const once = std::make_shared<bool>(true);
    auto const saved = rc.parallelize(one_to(4), 2) | map([files, once](int x) {
                           if (std::exchange(*once, false))
                               files.folder(files.folders().at(0)).put("part-00002", {});
                           return x;
                       })
                       | checkpoint();
    CHECK_THAT(words_of<checkpoint_error>([&] { (void)collect(saved); }),
               Contains("has 3 partitions") && Contains("the rdd 2"));
    CHECK((saved | collect()) == one_to(4));
}

TEST_CASE("the checkpoint of another program is opened, or refused with what is wrong", "[rdd][checkpoint]")
{
    storages::temporary_directory const place;
    std::string folder;
    {
        rdd_context const rc(2, checkpoint_directory(place.path()));
        auto const saved = rc.parallelize(std::vector<std::string>{"a", "b", "c"}, 2) | checkpoint();
        (void)collect(saved);
        folder = *checkpoint_file(saved);
    }
    std::vector<std::string> const expected{"a", "b", "c"};
    rdd_context const with(1, checkpoint_directory(place.path()));
    rdd_context const without;
    auto const name = folder.substr(folder.rfind('/') + 1);
    CHECK((with.read_checkpoint<std::string>(folder) | collect()) == expected);
    CHECK((with.read_checkpoint<std::string>(name) | collect()) == expected);
    CHECK((without.read_checkpoint<std::string>(folder) | collect()) == expected);
    CHECK((without.read_checkpoint<std::string>(checkpoint_directory(place.path())) | collect()) == expected);
    CHECK((without.read_checkpoint<std::string>(checkpoint_directory(std::filesystem::path(folder))) | collect())
          == expected);
    CHECK_THAT(words_of<config_error>([&] { (void)without.read_checkpoint<int>(name); }),
               Contains("no checkpoint directory"));
    CHECK_THAT(words_of<incompatible_checkpoint>([&] { (void)with.read_checkpoint<int>(name); }),
               Contains("found string") && Contains("expected int32"));
    CHECK_THAT(words_of<checkpoint_error>([&] { (void)with.read_checkpoint<int>("rdd-none"); }),
               Contains("no finished checkpoint"));
    with.remove_checkpoint(name);
    CHECK(local_directory(place.path()).folders().empty());
    CHECK_THROWS_AS(with.remove_checkpoint(name), storage_error);
}

TEST_CASE("a checkpoint in a newer format is refused by name, whichever of its files has it", "[rdd][checkpoint]")
{
    memory_storage const files;
    auto const saved = context_on(files).parallelize(one_to(10), 2) | checkpoint();
    (void)collect(saved);
    auto const folder = files.folder(files.folders().at(0));
    for (auto const& name : folder.list()) {
        auto const sound = folder.read(name);
        auto newer = sound;
        newer[8] = std::byte{99};
        auto const header = std::to_integer<std::size_t>(newer[12]) + (std::to_integer<std::size_t>(newer[13]) << 8U);
        auto sum = checksum(std::span<std::byte const>(newer).first(header - 8), 0);
        for (std::size_t i = header - 8; i != header; ++i, sum >>= 8U)
            newer[i] = static_cast<std::byte>(sum & 0xffU);
        folder.put(name, newer);
        auto const words = words_of<incompatible_checkpoint>(
            [&] { (void)(context_on(files).read_checkpoint<int>(*checkpoint_file(saved)) | collect()); });
        CHECK_THAT(words, Contains(name) && Contains("checkpoint format version 99"));
        folder.put(name, sound);
    }
}

TEST_CASE("every flipped bit and every missing byte of a checkpoint is found, with its file", "[rdd][checkpoint]")
{
    memory_storage const files;
    auto const rc = context_on(files);
    auto const saved = rc.parallelize(one_to(20), 2) | checkpoint();
    (void)collect(saved);
    auto const name = files.folders().at(0);
    auto const folder = files.folder(name);
    auto const damage_is_found = [&](std::string const& file) {
        return words_of<checkpoint_error>([&] { (void)collect(rc.read_checkpoint<int>(name)); }).find(name + "/" + file)
               != std::string::npos;
    };
    for (auto const& file : folder.list()) {
        auto const whole = folder.read(file);
        for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
            auto bytes = whole;
            bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
            folder.put(file, bytes);
            INFO(file << " bit " << bit);
            REQUIRE(damage_is_found(file));
        }
        for (std::size_t size = 0; size < whole.size(); ++size) {
            folder.put(file, std::span(whole).first(size));
            INFO(file << " cut to " << size);
            REQUIRE(damage_is_found(file));
        }
        folder.put(file, whole);
    }
    folder.put("part-00001", folder.read("part-00000"));
    CHECK(damage_is_found("part-00001"));
    folder.remove("part-00001");
    CHECK_THAT(words_of<corrupt_checkpoint>([&] { (void)rc.read_checkpoint<int>(name); }),
               Contains("should have 2 parts; missing: part-00001"));
    CHECK_THAT(words_of<corrupt_checkpoint>([&] { (void)collect(saved); }), Contains("part-00001 is missing"));
}

TEST_CASE("files stay after the last handle, unless they are to go with it", "[rdd][checkpoint]")
{
    for (bool const clean : {false, true}) {
        memory_storage const files;
        {
            auto const rc = context_on(files, 1, {.clean_checkpoints = clean});
            auto const saved = rc.parallelize(one_to(4), 2) | checkpoint();
            (void)collect(saved);
            auto const child = saved | map([](int x) { return x; });
            CHECK(files.folders().size() == 1);
        }
        CHECK(files.folders().size() == (clean ? std::size_t{0} : std::size_t{1}));
    }
}

TEST_CASE("a removed checkpoint can no longer be read", "[rdd][checkpoint]")
{
    memory_storage const files;
    auto const rc = context_on(files);
    auto const saved = rc.parallelize(one_to(4), 2) | checkpoint();
    remove_checkpoint(saved); // nothing is there yet
    (void)collect(saved);
    remove_checkpoint(saved);
    CHECK(files.folders().empty());
    for (std::uint64_t seed = 0; seed < 50; ++seed)
        REQUIRE(files.crash(seed).folders().empty());
    CHECK_THAT(words_of<corrupt_checkpoint>([&] { (void)collect(saved); }), Contains("is missing"));
}

TEST_CASE("an rdd<T> without a directory behind it says so when it is marked", "[rdd][checkpoint]")
{
    rdd_context const rc;
    rdd<int> const hidden = rc.parallelize(one_to(4), 2);
    CHECK(words_of<config_error>([&] { (void)checkpoint(hidden); })
          == "tidemark::checkpoint: the context has no checkpoint directory; pass a tide::checkpoint_directory to "
             "rdd_context");
}

// ---- Local

TEST_CASE("a local checkpoint needs no directory, computes once, and lets go of the lineage", "[rdd][local_checkpoint]")
{
    for (auto const threads : {std::size_t{1}, std::size_t{3}}) {
        rdd_context const rc(threads);
        auto const alive = std::make_shared<int>(0);
        counting const times10;
        auto const cut =
            rc.parallelize(one_to(10), 5) | map(times10) | map([alive](int x) { return x; }) | local_checkpoint();
        CHECK(checkpoint_state(cut) == checkpoint_progress::marked);
        CHECK((cut | take(1)) == std::vector{10});
        CHECK(times10.take() == 10);
        CHECK(is_checkpointed(cut));
        CHECK_FALSE(checkpoint_file(cut));
        CHECK((cut | count_records()) == 10);
        CHECK(times10.take() == 0);
        CHECK(alive.use_count() == 1);
        CHECK(cached_info(cut).level == block_level{true, true, false});
        CHECK(cached_info(cut).kept.in_memory == 5);
    }
}

TEST_CASE("a local checkpoint may stand on steps behind another one", "[rdd][local_checkpoint]")
{
    rdd_context const rc;
    auto const text = [](int x) { return std::to_string(x); };
    auto const cut = rc.parallelize(one_to(3), 2) | local_checkpoint() | map(text) | local_checkpoint();
    CHECK((cut | collect()) == std::vector<std::string>{"1", "2", "3"});
    CHECK(is_checkpointed(cut));
}

TEST_CASE("a set level gets disk added", "[rdd][local_checkpoint]")
{
    memory_storage const scratch;
    rdd_context const rc(1, rdd_settings{.storage_bytes = 40, .scratch = scratch});
    auto const cut = rc.parallelize(one_to(40), 4) | persist(storage_level::memory_only_ser) | local_checkpoint();
    CHECK((cut | collect()) == one_to(40));
    CHECK((cut | collect()) == one_to(40));
    CHECK(cached_info(cut).level == block_level{true, true, true});
    CHECK(cached_info(cut).kept.partitions() == 4);
    CHECK(cached_info(cut).kept.on_disk > 0);
    auto const other = rc.parallelize(one_to(4), 1) | persist(storage_level::disk_only) | local_checkpoint();
    CHECK((other | collect()) == one_to(4));
    CHECK(cached_info(other).level == block_level{false, true, true});
}

TEST_CASE("a block that is lost is not found, and the error says what helps", "[rdd][local_checkpoint]")
{
    rdd_context const rc;
    auto const cut = rc.parallelize(one_to(10), 5) | local_checkpoint();
    (void)collect(cut);
    tidemark::testing::lose_partition(cut, 3);
    CHECK((cut | take(4)) == one_to(4));
    CHECK_THAT(words_of<checkpoint_error>([&] { (void)collect(cut); }),
               Contains("_3 of a local checkpoint is not found") && Contains("use checkpoint()"));
    auto const other = rc.parallelize(one_to(10), 5) | local_checkpoint();
    (void)collect(other);
    unpersist(other);
    CHECK_THROWS_AS(collect(other), checkpoint_error);
}

TEST_CASE("a local checkpoint that cannot be kept fails the action, and is tried again", "[rdd][local_checkpoint]")
{
    memory_storage const files;
    fault_plan const plan;
    plan.limit_space(0);
    rdd_context const rc(1, rdd_settings{.storage_bytes = 0, .scratch = faulty_storage(files, plan)});
    counting const times10;
    auto const cut = rc.parallelize(one_to(4), 2) | map(times10) | local_checkpoint();
    CHECK_THROWS_AS(collect(cut), storage_error);
    CHECK(checkpoint_state(cut) == checkpoint_progress::marked);
    plan.limit_space(10'000);
    CHECK((cut | collect()) == std::vector{10, 20, 30, 40});
}

TEST_CASE("it takes the place of a mark that is not written, and leaves alone what is", "[rdd][local_checkpoint]")
{
    memory_storage const files;
    auto const rc = context_on(files);
    counting const times10;
    auto const marked = rc.parallelize(one_to(4), 2) | map(times10) | checkpoint();
    auto const local = marked | local_checkpoint();
    (void)collect(local);
    CHECK(is_checkpointed(local));
    CHECK_FALSE(checkpoint_file(local));
    CHECK(files.folders().empty());
    CHECK(times10.take() == 4);

    (void)collect(marked);
    CHECK(files.folders().size() == 1);
    auto const late = marked | local_checkpoint();
    (void)collect(late);
    CHECK(checkpoint_file(late) == checkpoint_file(marked));
    auto const again = local | local_checkpoint();
    (void)collect(again);
    CHECK(times10.take() == 4);
}

// ---- Long lineages

TEST_CASE("a hundred thousand steps with checkpoints between them", "[rdd][checkpoint][long]")
{
    memory_storage const files;
    auto const rc = context_on(files);
    {
        rdd<int> all = rc.parallelize(one_to(4), 2);
        for (int i = 0; i < 100'000; ++i) {
            all = all | map([](int x) { return x + 1; });
            if (i % 500 == 499)
                all = all | checkpoint();
        }
        CHECK(files.folders().empty());
        CHECK((all | collect()) == std::vector{100'001, 100'002, 100'003, 100'004});
        CHECK(files.folders().size() == 200);
    }
    rdd<int> unused = rc.parallelize(one_to(4), 2);
    for (int i = 0; i < 100'000; ++i)
        unused = i % 500 == 499 ? rdd<int>(unused | checkpoint()) : rdd<int>(unused | map([](int x) { return x; }));
}

TEST_CASE("a hundred thousand steps with local checkpoints between them", "[rdd][local_checkpoint][long]")
{
    rdd_context const rc;
    rdd<int> all = rc.parallelize(one_to(4), 2);
    for (int i = 0; i < 100'000; ++i) {
        all = all | map([](int x) { return x + 1; });
        if (i % 500 == 499)
            all = all | local_checkpoint();
    }
    CHECK((all | collect()) == std::vector{100'001, 100'002, 100'003, 100'004});
    CHECK(rc.storage_status().in_memory == 2); // the last one's; those before it have been let go
}
