// SPDX-License-Identifier: BSL-1.0
//
// sources: sources and saved records that must not compile, and what the compiler says of each.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/time/literals.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

struct opaque { // cannot be saved
    opaque() = default;
    int* where = nullptr;
    virtual ~opaque() = default;
};

struct tree : std::vector<tree> {}; // has parts of its own type

struct ones_reader final : tide::source_reader<int> {
    tide::batch_input<int> plan(tide::batch_time) override { return {}; }
    tide::batch_input<int> replay(tide::batch_time, std::span<std::byte const>) override { return {}; }
    std::vector<std::byte> position() const override { return {}; }
    void seek(std::span<std::byte const>) override {}
};

struct ones {
    using record_type = int;
    static constexpr std::string_view name = "ones";
    static constexpr bool replayable = true;
    std::string describe() const { return "ones"; }
    std::unique_ptr<ones_reader> open(tide::source_environment const&) const { return std::make_unique<ones_reader>(); }
};

struct hides_replayable : ones {
private:
    using ones::replayable;
};
struct hides_name : ones {
private:
    using ones::name;
};
struct hides_describe : ones {
private:
    using ones::describe;
};
struct other_records : ones {
    using record_type = long;
};
struct no_records {
    static constexpr std::string_view name = "none";
    static constexpr bool replayable = true;
    std::string describe() const { return "none"; }
};
struct stays_here : ones {
    std::unique_ptr<int> held;
};

void program(tide::checkpoint_directory where)
{
    auto const ssc = tide::streaming_context(10_s, where);
    auto const plain = tide::streaming_context(10_s);
    tide::rdd_context const rc;
    std::vector<opaque> const hidden(1);
    auto const hidden_stream = plain.queue_stream(tide::record_queue<opaque>());
    std::string line;

#if TIDEMARK_EXPECT_FAILURE == 1
    // expect: tidemark::source_stream: the source does not say whether a planned batch can be given again
    (void)ssc.source_stream(hides_replayable());
#elif TIDEMARK_EXPECT_FAILURE == 2
    // expect: tidemark::source_stream: the source has no name
    (void)ssc.source_stream(hides_name());
#elif TIDEMARK_EXPECT_FAILURE == 3
    // expect: tidemark::source_stream: the source does not describe itself
    (void)ssc.source_stream(hides_describe());
#elif TIDEMARK_EXPECT_FAILURE == 4
    // expect: tidemark::source_stream: the source cannot be opened
    (void)ssc.source_stream(other_records());
#elif TIDEMARK_EXPECT_FAILURE == 5
    // expect: tidemark::source_stream: the source does not say what its records are
    (void)ssc.source_stream(no_records());
#elif TIDEMARK_EXPECT_FAILURE == 6
    // expect: tidemark::source_stream: the source cannot be copied
    (void)ssc.source_stream(stays_here());
#elif TIDEMARK_EXPECT_FAILURE == 7
    // expect: tidemark::queue_stream: the records of a record_queue must be serializable
    (void)ssc.queue_stream(tide::record_queue<opaque>());
#elif TIDEMARK_EXPECT_FAILURE == 8
    // expect: tidemark::save_as_object_files: the records must be serializable
    rc.parallelize(hidden) | tide::save_as_object_file("hidden");
#elif TIDEMARK_EXPECT_FAILURE == 9
    // expect: tidemark::object_file: the records must be serializable
    (void)rc.object_file<opaque>("hidden");
#elif TIDEMARK_EXPECT_FAILURE == 10
    // expect: save_as_text_file needs a name: `records | save_as_text_file("counts")`
    rc.parallelize(hidden) | tide::save_as_text_file();
#elif TIDEMARK_EXPECT_FAILURE == 11
    // expect: save_as_object_file needs a name: `records | save_as_object_file("counts")`
    rc.parallelize(hidden) | tide::save_as_object_file();
#elif TIDEMARK_EXPECT_FAILURE == 12
    // expect alone: tidemark: the records cannot be written as text; give them an operator<<
    rc.parallelize(hidden) | tide::save_as_text_file("hidden");
#elif TIDEMARK_EXPECT_FAILURE == 13
    // expect alone: tidemark: the records cannot be written as text; give them an operator<<
    (void)(hidden_stream | tide::save_as_text_files("hidden"));
#elif TIDEMARK_EXPECT_FAILURE == 14
    // expect alone: tidemark: the records cannot be written as text; give them an operator<<
    (void)(hidden_stream | tide::map([](opaque const& one) { return std::pair(1, std::vector{one}); }) | tide::print());
#elif TIDEMARK_EXPECT_FAILURE == 15
    // expect alone: tidemark::save_as_object_files: the records must be serializable
    (void)(hidden_stream | tide::save_as_object_files("hidden"));
#elif TIDEMARK_EXPECT_FAILURE == 16
    // expect: tidemark::append_text: the record cannot be written as text; give it an operator<<
    tide::append_text(line, opaque());
#elif TIDEMARK_EXPECT_FAILURE == 17
    // expect: whole records a second: `ssc.rate_stream(100)`
    (void)ssc.rate_stream(0.5);
#else
    (void)ssc.source_stream(ones());
    (void)(hidden_stream | tide::map([](opaque const&) { return 1; }) | tide::save_as_text_files("hidden"));
    (void)(plain.queue_stream(tide::record_queue<tree>()) | tide::print());
    (void)(ssc.source_stream(ones()) | tide::save_as_object_files("ones"));
    tide::append_text(line, tree());
    (void)ssc.queue_stream(tide::record_queue<int>());
    rc.range(0, 10) | tide::save_as_object_file("numbers");
    rc.range(0, 10) | tide::save_as_text_file("texts");
    (void)rc.object_file<long>("numbers");
    (void)ssc.rate_stream(100);
#endif
}
