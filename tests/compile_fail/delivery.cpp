// SPDX-License-Identifier: BSL-1.0
//
// delivery: promises about delivery that cannot be kept, and what the compiler says of each.

#include <tidemark/operators.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/sources/block_log.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/time/literals.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

struct opaque { // cannot be saved
    opaque() = default;
    int* where = nullptr;
    virtual ~opaque() = default;
};

struct heard_reader final : tide::source_reader<opaque> {
    tide::batch_input<opaque> plan(tide::batch_time) override { return {}; }
    tide::batch_input<opaque> replay(tide::batch_time, std::span<std::byte const>) override { return {}; }
    std::vector<std::byte> position() const override { return {}; }
    void seek(std::span<std::byte const>) override {}
};

struct heard_once {
    using record_type = opaque;
    static constexpr std::string_view name = "heard";
    static constexpr bool replayable = false;
    std::string describe() const { return "heard"; }
    std::unique_ptr<heard_reader> open(tide::source_environment const&) const
    {
        return std::make_unique<heard_reader>();
    }
};

struct polled_reader final : tide::source_reader<int> { // it has no thread of its own
    tide::batch_input<int> plan(tide::batch_time) override { return {}; }
    tide::batch_input<int> replay(tide::batch_time, std::span<std::byte const>) override { return {}; }
    std::vector<std::byte> position() const override { return {}; }
    void seek(std::span<std::byte const>) override {}
};

struct polled {
    using record_type = int;
    static constexpr std::string_view name = "polled";
    static constexpr bool replayable = false;
    std::string describe() const { return "polled"; }
    std::unique_ptr<polled_reader> open(tide::source_environment const&) const
    {
        return std::make_unique<polled_reader>();
    }
};

struct row_transaction {
    void write(std::string const&) {}
    void commit() {}
};
struct database {
    std::optional<row_transaction> begin(std::string const&, tide::batch_time) { return row_transaction(); }
};
struct no_database {
    row_transaction begin(std::string const&, tide::batch_time) { return {}; }
};

struct endless_transaction {
    void write(std::string const&) {}
};
struct endless_database {
    std::optional<endless_transaction> begin(std::string const&, tide::batch_time) { return std::nullopt; }
};
struct only_database : database {
    std::unique_ptr<int> handle;
};

void program(tide::checkpoint_directory where)
{
    auto const ssc = tide::streaming_context(10_s, where);
    auto const plain = tide::streaming_context(10_s);
    auto const lines = ssc.text_file_stream<"lines">("in");
    auto const heard = ssc.socket_text_stream<"heard">("localhost", 9999);
    auto const act = [](auto const&) {};

#if TIDEMARK_EXPECT_FAILURE == 1
    // expect: tidemark::exactly_once: the context has no checkpoint directory
    (void)(plain.text_file_stream<"lines">("in") | tide::save_as_text_files<"out">("out") | tide::exactly_once());
#elif TIDEMARK_EXPECT_FAILURE == 2
    // expect: tidemark::exactly_once: this output would do its work twice when a batch runs again
    (void)(lines | tide::foreach_rdd<"out">(act) | tide::exactly_once());
#elif TIDEMARK_EXPECT_FAILURE == 3
    // expect: tidemark::exactly_once: the output has no name
    (void)(lines | tide::save_as_text_files("out") | tide::exactly_once());
#elif TIDEMARK_EXPECT_FAILURE == 4
    // expect: tidemark::exactly_once: a source of this output has no name
    (void)(lines | tide::union_(ssc.text_file_stream("other")) | tide::save_as_text_files<"out">("out")
           | tide::exactly_once());
#elif TIDEMARK_EXPECT_FAILURE == 5
    // expect: tidemark::exactly_once: a source of this output cannot give a batch again after a crash
    (void)(lines | tide::union_(heard) | tide::save_as_text_files<"out">("out") | tide::exactly_once());
#elif TIDEMARK_EXPECT_FAILURE == 6
    // expect: tidemark::at_most_once: it is said of a source; put it directly behind the source's stream
    (void)(heard | tide::filter([](std::string const&) { return true; }) | tide::at_most_once());
#elif TIDEMARK_EXPECT_FAILURE == 7
    // expect: tidemark::at_most_once: this source can be read again, so nothing is lost
    (void)(lines | tide::at_most_once());
#elif TIDEMARK_EXPECT_FAILURE == 8
    // expect: tidemark::write_ahead_log: this source can be read again, so its records need no log
    (void)(lines | tide::write_ahead_log());
#elif TIDEMARK_EXPECT_FAILURE == 9
    // expect: tidemark::write_ahead_log: the context has no checkpoint directory
    (void)(plain.socket_text_stream<"heard">("localhost", 9999) | tide::write_ahead_log());
#elif TIDEMARK_EXPECT_FAILURE == 10
    // expect: tidemark::write_ahead_log: the records must be serializable to be logged
    (void)(ssc.source_stream<"heard">(heard_once()) | tide::write_ahead_log());
#elif TIDEMARK_EXPECT_FAILURE == 11
    // expect: tidemark::write_ahead_log: it logs a source; put it directly behind the source's stream
    (void)(heard | tide::filter([](std::string const&) { return true; }) | tide::write_ahead_log());
#elif TIDEMARK_EXPECT_FAILURE == 12
    // expect: tidemark::save_in_transactions: the output has no name
    (void)(lines | tide::save_in_transactions(database()));
#elif TIDEMARK_EXPECT_FAILURE == 13
    // expect: tidemark::save_in_transactions: `begin` of the sink must give a std::optional of a transaction
    (void)(lines | tide::save_in_transactions<"rows">(no_database()));
#elif TIDEMARK_EXPECT_FAILURE == 14
    // expect: tidemark::save_in_transactions: the sink begins no transactions
    (void)(lines | tide::save_in_transactions<"rows">(row_transaction()));
#elif TIDEMARK_EXPECT_FAILURE == 15
    // expect: tidemark::save_in_transactions: the sink's transaction does not take these records
    (void)(lines | tide::map([](std::string const& line) { return std::vector{line}; })
           | tide::save_in_transactions<"rows">(database()));
#elif TIDEMARK_EXPECT_FAILURE == 16
    // expect: tidemark::save_in_transactions: the sink's transaction cannot commit, or cannot be moved
    (void)(lines | tide::save_in_transactions<"rows">(endless_database()));
#elif TIDEMARK_EXPECT_FAILURE == 17
    // expect: tidemark::save_in_transactions: the sink cannot be copied; hold what cannot in a std::shared_ptr
    (void)(lines | tide::save_in_transactions<"rows">(only_database()));
#elif TIDEMARK_EXPECT_FAILURE == 18
    // expect: tidemark::exactly_once: it is said of an output, and this is a stream
    (void)(lines | tide::exactly_once() | tide::save_as_text_files<"out">("out"));
#elif TIDEMARK_EXPECT_FAILURE == 19
    // expect: tidemark::exactly_once: it is said of this output already
    (void)(lines | tide::save_as_text_files<"out">("out") | tide::exactly_once() | tide::exactly_once());
#elif TIDEMARK_EXPECT_FAILURE == 20
    // expect: call it: `output | exactly_once()`
    (void)(lines | tide::save_as_text_files<"out">("out") | tide::exactly_once);
#elif TIDEMARK_EXPECT_FAILURE == 21
    // expect: call the operator: `records | map(f)`, `records | count()`
    (void)(heard | tide::write_ahead_log | tide::save_as_text_files<"out">("out"));
#elif TIDEMARK_EXPECT_FAILURE == 22
    // expect: tidemark::write_ahead_log: at_most_once() says of this source that losing records is accepted
    (void)(heard | tide::at_most_once() | tide::write_ahead_log());
#elif TIDEMARK_EXPECT_FAILURE == 23
    // expect: tidemark: an output ends its stream, and no operator follows it
    (void)(heard | tide::save_as_text_files<"out">("out") | tide::at_most_once());
#elif TIDEMARK_EXPECT_FAILURE == 24
    // expect: tidemark: an output ends its stream, and no operator follows it
    (void)(heard | tide::save_as_text_files<"out">("out") | tide::write_ahead_log());
#elif TIDEMARK_EXPECT_FAILURE == 25
    // expect: tidemark::at_most_once: it is said of a source; put it directly behind the source's stream
    (void)(heard | tide::filter([](std::string const&) { return true; }) | tide::at_most_once()
           | tide::save_as_text_files<"out">("out"));
#elif TIDEMARK_EXPECT_FAILURE == 26
    // expect: tidemark::write_ahead_log: it logs a source; put it directly behind the source's stream
    (void)(heard | tide::filter([](std::string const&) { return true; }) | tide::write_ahead_log()
           | tide::save_as_text_files<"out">("out"));
#elif TIDEMARK_EXPECT_FAILURE == 27
    // expect: tidemark::write_ahead_log: the context has no checkpoint directory
    (void)(plain.socket_text_stream<"heard">("localhost", 9999) | tide::write_ahead_log()
           | tide::save_as_text_files<"out">("out"));
#elif TIDEMARK_EXPECT_FAILURE == 28
    // expect: tidemark::write_ahead_log: blocks are logged of what receives in a thread
    (void)(ssc.source_stream<"polled">(polled()) | tide::write_ahead_log(tide::block_log{where.storage()}));
#else
    (void)(lines | tide::foreach_rdd(act));
    (void)(ssc.source_stream<"opaque">(heard_once()) | tide::at_most_once());
    (void)(lines | tide::union_(heard | tide::write_ahead_log()) | tide::save_as_text_files<"out">("out")
           | tide::exactly_once());
    (void)(heard | tide::write_ahead_log(tide::block_log{where.storage()}) | tide::save_as_text_files<"out">("out")
           | tide::exactly_once());
    (void)(heard | tide::at_most_once() | tide::save_in_transactions<"rows">(database()) | tide::exactly_once());
#endif
}
