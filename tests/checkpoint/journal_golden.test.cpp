// SPDX-License-Identifier: BSL-1.0

#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/checkpoint/journal.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <checkpoint/golden/small_checkpoint.hpp>
#include <checkpoint/journal_cases.hpp>
#include <support/catch.hpp>

#include <cstddef>
#include <string_view>

namespace {

using namespace journal_cases;
using tidemark::batch_time;

int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

bytes from_hex(std::string_view hex)
{
    bytes result;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        result.push_back(static_cast<std::byte>(digit(hex[i]) * 16 + digit(hex[i + 1])));
    }
    return result;
}

tidemark::plan_record const plan{batch_time(2000), {{"plays", from_hex("0102")}}};
tidemark::done_record const done{batch_time(2000), "top-10", {{"hits", from_hex("07")}}};

tidemark::commit_record commit()
{
    tidemark::commit_record record;
    record.time = batch_time(2000);
    record.zero = batch_time(1000);
    record.batch_ms = 1000;
    record.graph = "plays -> video-hits";
    record.settings["partitions"] = from_hex("08");
    record.positions["plays"] = from_hex("2a");
    record.accumulators["hits"] = from_hex("07");
    record.stages.push_back({"video-hits", "map_with_state", "text", "int64", 1, {}});
    record.stages.back().groups = {{0, 1, from_hex("aa")}, {3, 2, from_hex("bbcc")}};
    return record;
}

tidemark::journal_options golden_options()
{
    tidemark::journal_options options;
    options.application = "golden";
    options.store_id = 0x0123456789abcdef;
    return options;
}

} // namespace

TEST_CASE("a journal writes the bytes that the format's page describes", "[checkpoint][journal][format]")
{
    tidemark::any_storage const storage{tidemark::memory_storage()};
    {
        auto opened = tidemark::journal::open(storage, golden_options());
        opened.log.plan(plan, true);
        opened.log.done(done, true);
        opened.log.commit(commit());
        opened.log.save("before-upgrade");
    }
    CHECK(names(storage, "log-") == std::vector<std::string>{"log-0000000001-0000000001"});
    CHECK(names(storage, "state-") == std::vector<std::string>{"state-0000000001-0000000001"});
    CHECK(names(storage, "savepoint") == std::vector<std::string>{"savepoint-before-upgrade"});
    CHECK(storage.read("savepoint-before-upgrade") == from_hex(golden::savepoint));
    CHECK(storage.read("manifest") == from_hex(golden::manifest));
    CHECK(storage.read("log-0000000001-0000000001") == from_hex(golden::log));
    CHECK(storage.read("state-0000000001-0000000001") == from_hex(golden::state));
}

TEST_CASE("the bytes that the format's page describes are read back", "[checkpoint][journal][format]")
{
    tidemark::any_storage const storage{tidemark::memory_storage()};
    put(storage, "manifest", from_hex(golden::manifest));
    put(storage, "log-0000000001-0000000001", from_hex(golden::log));
    put(storage, "state-0000000001-0000000001", from_hex(golden::state));

    auto const state = tidemark::read_checkpoint(storage, "golden");
    REQUIRE(state.commit);
    CHECK(*state.commit == commit());
    CHECK(state.plans.empty());
    CHECK(state.dones.empty());
    CHECK(state.notes.empty());
    CHECK(state.records_dropped == 0);

    SECTION("a savepoint too")
    {
        put(storage, "savepoint-before-upgrade", from_hex(golden::savepoint));
        auto const found = tidemark::inspect_checkpoint(storage);
        REQUIRE(found.savepoints.size() == 1);
        CHECK(found.savepoints.front().problem == "");
        CHECK(found.savepoints.front().record == commit());
    }
    SECTION("without the manifest too, which is said")
    {
        storage.remove("manifest");
        auto const rebuilt = tidemark::read_checkpoint(storage, "golden");
        REQUIRE(rebuilt.commit);
        CHECK(*rebuilt.commit == commit());
        CHECK_FALSE(rebuilt.notes.empty());
    }
}
