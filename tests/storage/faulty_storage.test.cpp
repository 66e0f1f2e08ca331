// SPDX-License-Identifier: BSL-1.0

#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <storage/storages.hpp>
#include <support/catch.hpp>

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace {

using Catch::Matchers::Contains;
using storages::bytes;
using storages::content;
using storages::error_of;
using storages::written;
using tidemark::fault_effect;
using tidemark::fault_plan;
using tidemark::faulty_storage;
using tidemark::memory_storage;
using tidemark::simulated_crash;
using tidemark::storage_error;
using tidemark::storage_operation;

/// Replaces the content of `a` by `text` as one should: five changes, six operations.
void replace(faulty_storage const& storage, std::string const& text)
{
    (void)storage.exists("a");
    {
        auto file = storage.create("b");
        file.append(bytes(text));
        file.sync();
    }
    storage.rename("b", "a");
    storage.sync_directory();
}

memory_storage holding(std::string const& text)
{
    memory_storage memory;
    memory.put("a", bytes(text));
    return memory;
}

TEST_CASE("a plan without faults counts", "[storage][fault_plan]")
{
    fault_plan const plan;
    replace(faulty_storage(holding("old"), plan), "new");
    CHECK(plan.operations() == 6);
    CHECK(plan.changes() == 5);
    CHECK(plan.operations(storage_operation::append) == 1);
    CHECK(plan.operations(storage_operation::exists) == 1);
    CHECK(plan.operations(storage_operation::remove) == 0);
    CHECK_FALSE(plan.crashed());
}

TEST_CASE("the operation with the planned number fails, and only that one", "[storage][fault_plan]")
{
    struct {
        std::uint64_t number;
        std::string error;
        std::string left;
    } const rows[] = {
        {0, "cannot look for memory/a", "a=old"},     {1, "cannot create memory/b", "a=old"},
        {2, "cannot append to memory/b", "a=old b="}, {3, "cannot sync memory/b", "a=old b=new"},
        {4, "cannot rename memory/b", "a=old b=new"}, {5, "cannot sync memory", "a=new"},
    };
    for (auto const& row : rows) {
        auto const memory = holding("old");
        fault_plan const plan;
        faulty_storage const storage(memory, plan);
        plan.fail(row.number);
        CHECK(error_of([&] { replace(storage, "new"); }) == row.error + ": Input/output error (planned fault)");
        CHECK(content(memory) == row.left);
        if (memory.exists("b")) {
            storage.remove("b");
        }
        replace(storage, "again");
        CHECK(content(memory) == "a=again");
    }
}

TEST_CASE("an operation of a kind fails by its number among that kind", "[storage][fault_plan]")
{
    memory_storage const memory;
    fault_plan const plan;
    faulty_storage const storage(memory, plan);
    plan.fail(storage_operation::create, 1);
    plan.fail(storage_operation::lock, 0);
    plan.fail(storage_operation::read, 0);
    plan.fail(storage_operation::set_aside, 0);
    plan.fail(storage_operation::size, 0);
    plan.fail(storage_operation::list, 0);
    plan.fail(storage_operation::remove, 0);
    (void)storage.create("a");
    CHECK_THROWS_AS(storage.create("b"), storage_error);
    (void)storage.create("c");
    CHECK_THROWS_AS(storage.lock("test"), storage_error);
    CHECK(storage.lock("test").holds());
    CHECK_THROWS_AS(storage.read("a"), storage_error);
    CHECK(storage.read("a").empty());
    CHECK_THROWS_AS(storage.size("a"), storage_error);
    CHECK_THROWS_AS(storage.list(), storage_error);
    CHECK_THROWS_AS(storage.remove("a"), storage_error);
    CHECK_THROWS_AS(storage.set_aside(), storage_error);
    CHECK(content(memory) == "a= c=");
}

TEST_CASE("an operation may fail and have taken effect all the same", "[storage][fault_plan]")
{
    auto const memory = holding("old");
    fault_plan const plan;
    faulty_storage const storage(memory, plan);
    plan.fail(storage_operation::append, 0, fault_effect::all);
    plan.fail(storage_operation::rename, 0, fault_effect::all);
    plan.fail(storage_operation::create, 1, fault_effect::all);
    CHECK_THROWS_AS(written(storage, "b", "new"), storage_error);
    CHECK(content(memory) == "a=old b=new");
    CHECK_THROWS_AS(storage.rename("b", "a"), storage_error);
    CHECK(content(memory) == "a=new");
    CHECK_THROWS_AS(storage.create("c"), storage_error);
    CHECK(content(memory) == "a=new c=");
}

TEST_CASE("a planned failure of a sync is final for its file, and its bytes stay unsynced", "[storage][fault_plan]")
{
    memory_storage const memory;
    fault_plan const plan;
    faulty_storage const storage(memory, plan);
    plan.fail(storage_operation::sync, 0);
    auto file = written(storage, "a", "1");
    storage.sync_directory();
    CHECK_THROWS_AS(file.sync(), storage_error);
    CHECK_THAT(error_of([&] { file.sync(); }), Contains("memory/a") && Contains("an earlier sync of this file failed"));
    CHECK_THAT(error_of([&] { file.append(bytes("2")); }), Contains("an earlier sync of this file failed"));
    CHECK(plan.operations(storage_operation::sync) == 1);
    CHECK(content(memory) == "a=1");
    std::set<std::string> found;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        found.insert(content(memory.crash(seed)));
    }
    CHECK(found.contains("a="));
    auto other = written(storage, "b", "2");
    CHECK_NOTHROW(other.sync());
}

TEST_CASE("a torn append writes some of the first bytes, and is the last to its file", "[storage][fault_plan]")
{
    std::set<std::string> found;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        memory_storage const memory;
        fault_plan const plan(seed);
        plan.tear(1);
        auto file = written(faulty_storage(memory, plan), "a", "12");
        CHECK_THROWS_AS(file.append(bytes("345")), storage_error);
        CHECK_THAT(error_of([&] { file.append(bytes("6")); }), Contains("an earlier append to this file failed"));
        CHECK_NOTHROW(file.sync());
        found.insert(content(memory));
    }
    CHECK(found == std::set<std::string>{"a=12", "a=123", "a=1234"});
}

TEST_CASE("a slow disk takes its time, for the operations that were said", "[storage][fault_plan]")
{
    using clock = std::chrono::steady_clock;
    fault_plan const plan;
    faulty_storage const faulty(memory_storage(), plan);
    auto const time_of = [](auto const& call) {
        auto const began = clock::now();
        call();
        return clock::now() - began;
    };
    auto file = faulty.create("f");
    plan.slow_down(storage_operation::sync, std::chrono::milliseconds(30));
    plan.slow_down(storage_operation::list, std::chrono::milliseconds(20));
    CHECK(time_of([&] { file.sync(); }) >= std::chrono::milliseconds(30));
    CHECK(time_of([&] { (void)faulty.list(); }) >= std::chrono::milliseconds(20));
    plan.slow_down(storage_operation::sync, std::chrono::nanoseconds(0));
    CHECK(time_of([&] { file.sync(); }) < std::chrono::seconds(5));
    CHECK(faulty.list() == std::vector<std::string>{"f"});
}

TEST_CASE("a stale listing shows names as they were, for so many operations", "[storage][fault_plan]")
{
    using names = std::vector<std::string>;
    memory_storage const memory = holding("old");
    fault_plan const plan;
    faulty_storage const faulty(memory, plan);
    plan.list_late(3);
    (void)faulty.create("b");
    faulty.remove("a");
    CHECK(faulty.list() == names{"a"});
    CHECK(faulty.exists("b")); // by its name it is there
    CHECK_FALSE(faulty.exists("a"));
    CHECK(faulty.list() == names{"b"});
    faulty.rename("b", "c");
    CHECK(faulty.list() == names{"b"});
    CHECK(memory.list() == names{"c"});
    plan.list_late(0);
    CHECK(faulty.list() == names{"c"});
}

TEST_CASE("a file that appears late is not found under its name, for so many operations", "[storage][fault_plan]")
{
    memory_storage const memory = holding("old");
    fault_plan const plan;
    faulty_storage const faulty(memory, plan);
    plan.appear_late(4);
    (void)written(faulty, "b", "new");
    CHECK_FALSE(faulty.exists("b"));
    CHECK_THAT(error_of([&] { (void)faulty.read("b"); }), Contains("appears late"));
    CHECK(faulty.exists("a"));
    CHECK(faulty.exists("b"));
    CHECK(faulty.read("b").size() == 3);
}

TEST_CASE("a disk that lies writes one other bit, and says nothing", "[storage][fault_plan]")
{
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        memory_storage const memory;
        fault_plan const plan(seed);
        faulty_storage const faulty(memory, plan);
        plan.flip_bit(1);
        auto file = faulty.create("f");
        file.append(bytes("right"));
        file.append(bytes("wrong"));
        file.append(bytes("right"));
        auto const found = memory.read("f");
        REQUIRE(found.size() == 15);
        std::size_t other_bits = 0;
        for (std::size_t i = 0; i < found.size(); ++i) {
            auto const other = found[i] ^ bytes("rightwrongright")[i];
            other_bits += static_cast<std::size_t>(std::popcount(std::to_integer<unsigned>(other)));
            CHECK((other == std::byte{} || (i >= 5 && i < 10)));
        }
        CHECK(other_bits == 1);
    }
}

TEST_CASE("a full disk takes what fits, and takes more when there is room again", "[storage][fault_plan]")
{
    memory_storage const memory;
    fault_plan const plan;
    faulty_storage const storage(memory, plan);
    plan.limit_space(5);
    written(storage, "a", "123");
    auto file = storage.create("b");
    CHECK(error_of([&] { file.append(bytes("456")); })
          == "cannot append to memory/b: No space left on device (planned fault)");
    CHECK_THROWS_AS(written(storage, "c", "7"), storage_error);
    CHECK(content(memory) == "a=123 b=45 c=");
    plan.limit_space(1);
    written(storage, "d", "8");
    CHECK(content(memory) == "a=123 b=45 c= d=8");
}

TEST_CASE("a crash after any operation leaves what was done before it", "[storage][fault_plan]")
{
    // What another process finds after a kill; the append of 1 byte may or may not have been the last to happen.
    std::set<std::string> const expected[] = {
        {"a=old"}, {"a=old"}, {"a=old b=", "a=old b=n"}, {"a=old b=n"}, {"a=old b=n"}, {"a=n"}, {"a=n"}};
    for (std::uint64_t count = 0; count <= 6; ++count) {
        std::set<std::string> found;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            auto const memory = holding("old");
            fault_plan const plan(seed);
            plan.crash_after(count);
            faulty_storage const storage(memory, plan);
            try {
                replace(storage, "n");
                CHECK(count == 6);
            } catch (simulated_crash const& crash) {
                CHECK(crash.operation == count);
                CHECK(plan.crashed());
                CHECK_THROWS_AS(storage.list(), simulated_crash);
                CHECK_THROWS_AS(storage.create("z"), simulated_crash);
            }
            found.insert(content(memory.kill()));
        }
        INFO("after " << count << " operations");
        CHECK(found == expected[count]);
    }
}

TEST_CASE("after any crash and loss of power the old content or the new one is found", "[storage][fault_plan]")
{
    std::set<std::string> found;
    for (std::uint64_t count = 0; count <= 5; ++count) {
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            auto const memory = holding("old");
            fault_plan const plan(seed);
            plan.crash_after_changes(count);
            try {
                replace(faulty_storage(memory, plan), "new");
            } catch (simulated_crash const&) {
                CHECK(count < 5);
            }
            auto const after = memory.crash(seed);
            found.insert(storages::text(after.read("a")));
        }
    }
    CHECK(found == std::set<std::string>{"old", "new"});
}

TEST_CASE("counting changes leaves reads alone until the crash", "[storage][fault_plan]")
{
    auto const memory = holding("old");
    fault_plan const plan;
    faulty_storage const storage(memory, plan);
    plan.crash_after_changes(0);
    CHECK(storage.exists("a"));
    CHECK(storage.lock("test").holds());
    CHECK_THROWS_AS(storage.remove("a"), simulated_crash);
    CHECK_THROWS_AS(storage.exists("a"), simulated_crash);
    CHECK_THROWS_AS(storage.lock("test"), simulated_crash);
    CHECK(content(memory) == "a=old");
}

TEST_CASE("a file that has crashed writes nothing more", "[storage][fault_plan]")
{
    memory_storage const memory;
    fault_plan const plan;
    faulty_storage const storage(memory, plan);
    auto file = written(storage, "a", "1");
    plan.crash_after(0);
    CHECK_THROWS_AS(storage.exists("a"), simulated_crash);
    CHECK_THROWS_AS(file.append(bytes("2")), simulated_crash);
    CHECK_THROWS_AS(file.sync(), simulated_crash);
    CHECK(content(memory) == "a=1");
}

TEST_CASE("a folder fails by the plan of its storage", "[storage][fault_plan]")
{
    memory_storage const memory;
    fault_plan const plan;
    faulty_storage const storage(memory, plan);
    plan.fail(storage_operation::create, 1);
    plan.fail(storage_operation::remove_folder, 0);
    plan.fail(storage_operation::list, 0);
    written(storage.folder("f"), "a", "1");
    CHECK(error_of([&] { (void)storage.folder("f").create("b"); })
          == "cannot create memory/f/b: Input/output error (planned fault)");
    CHECK(error_of([&] { (void)storage.folders(); })
          == "cannot list the folders of memory: Input/output error (planned fault)");
    CHECK(error_of([&] { storage.remove_folder("f"); })
          == "cannot remove memory/f: Input/output error (planned fault)");
    storage.remove_folder("f");
    CHECK(plan.operations(storage_operation::remove_folder) == 2);
    CHECK(memory.folders().empty());
}

} // namespace
