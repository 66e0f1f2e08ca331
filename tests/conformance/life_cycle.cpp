// SPDX-License-Identifier: BSL-1.0
//
// life_cycle: what an application allows when, and what it refuses to be made of.

#include "cases.hpp"
#include "words.hpp"

#include <tidemark/operators.hpp>
#include <tidemark/runtime.hpp>
#include <tidemark/stream/transform.hpp>
#include <tidemark/stream/window/window.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/time/any_clock.hpp>
#include <tidemark/time/manual_clock.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark_test {
namespace {

using tidemark::duration;
using tidemark::testing::batch_source;

using any_input = tidemark::dstream<int>;

/// A clock that stands still: nothing runs.
tidemark::any_clock still_clock() { return tidemark::any_clock(std::make_shared<tidemark::manual_clock>()); }

auto any_context() { return tidemark::streaming_context(duration(2000), tidemark::settings{.threads = 1}); }

template <typename Context>
auto any_stream(Context const& ssc)
{
    return ssc.source_stream(batch_source<int>({}));
}

template <typename Context, typename Stream>
tidemark::application application_of(Context const& ssc, Stream const& stream)
{
    return ssc.application(stream | tidemark::foreach_rdd([](auto const&) {}));
}

tidemark::application any_application()
{
    auto const ssc = any_context();
    return application_of(ssc, any_stream(ssc));
}

template <typename Call>
bool refuses(Call const& call)
{
    try {
        call();
        return false;
    } catch (tidemark::usage_error const&) {
        return true;
    } catch (tidemark::config_error const&) {
        return true;
    }
}

/// Whether an application of what `make(context)` gives is refused before it starts, and with these words.
template <typename Context, typename Make>
row_answer built(Context const& ssc, std::string const& words, Make const& make)
{
    try {
        (void)application_of(ssc, make(ssc));
        return in_words("ok");
    } catch (tidemark::config_error const& problem) {
        std::string const found(problem.what());
        return in_words(found.find(words) != std::string::npos ? "error when built"
                                                               : "error for another reason: " + found);
    }
}

template <typename Make>
row_answer built(std::string const& words, Make const& make)
{
    return built(any_context(), words, make);
}

// ---- The rows

row_answer start_twice()
{
    auto app = any_application();
    app.start(still_clock());
    if (!refuses([&] { app.start(still_clock()); }))
        throw difference("a second start is not refused");
    return in_words("warning only",
                    "the library prints no warnings; a second start is an error, and the application runs on "
                    "(our test: \"an application is initialized, then active, then stopped, and never goes back\")");
}

row_answer start_after_stop()
{
    auto app = any_application();
    app.start(still_clock());
    app.stop();
    return in_words(refuses([&] { app.start(still_clock()); }) ? "error" : "ok");
}

row_answer stop_in_listener()
{
    std::atomic<bool> refused = false;
    auto app = any_application();
    app.listen([&](tidemark::streaming_event const&) { refused = refused || refuses([&] { app.stop(); }); });
    app.start(still_clock());
    app.stop();
    return in_words(refused ? "error" : "ok");
}

row_answer start_after_early_stop()
{
    auto app = any_application();
    app.stop();
    return in_words(refuses([&] { app.start(still_clock()); }) ? "error" : "ok");
}

row_answer stop_before_start()
{
    auto app = any_application();
    app.stop();
    return in_words(app.phase() == tidemark::application_phase::stopped ? "ok, context becomes stopped"
                                                                        : "ok, and it can still be started");
}

row_answer stop_twice()
{
    auto app = any_application();
    app.start(still_clock());
    app.stop();
    return in_words(refuses([&] { app.stop(); }) ? "error" : "warning only");
}

row_answer two_at_once()
{
    auto first = any_application();
    auto second = any_application();
    first.start(still_clock());
    second.start(still_clock());
    if (second.phase() != tidemark::application_phase::active)
        throw difference("the second application does not run");
    return in_words("error", "a process may run several applications "
                             "(our test: \"get_active gives the running application that was started last\")");
}

/// "window 3 s on a 2 s stream", "slide 3 s on a 2 s stream", "window 3 s slide 1 s on a 2 s stream": the other
/// duration is the stream's slide.
std::optional<row_answer> window_in_words(std::string const& words)
{
    auto const made = [](std::int64_t width, std::int64_t slide, std::int64_t batch) {
        auto const ssc = tidemark::streaming_context(duration(batch * 1000), tidemark::settings{.threads = 1});
        return built(ssc, "duration is not a positive multiple", [=](auto const& context) {
            return any_stream(context) | tidemark::window(duration(width * 1000), duration(slide * 1000));
        });
    };
    if (auto const n = numbers_in(words, "window # s on a # s stream"))
        return made((*n)[0], (*n)[1], (*n)[1]);
    if (auto const n = numbers_in(words, "slide # s on a # s stream"))
        return made((*n)[1], (*n)[0], (*n)[1]);
    for (auto const* pattern : {"window # s slide # s on a # s stream", "window # s, slide # s on a # s stream"})
        if (auto const n = numbers_in(words, pattern))
            return made((*n)[0], (*n)[1], (*n)[2]);
    return std::nullopt;
}

// ---- Operations of two streams

struct any_union {
    template <typename First, typename Second>
    auto operator()(First const& first, Second const& second) const
    {
        return first | tidemark::union_(second);
    }
};

struct any_transform {
    template <typename First, typename Second>
    auto operator()(First const& first, Second const& second) const
    {
        return first | tidemark::transform_with(second, [](auto const& some, auto const&) { return some; });
    }
};

template <typename Join>
struct any_join {
    Join join;

    template <typename First, typename Second>
    auto operator()(First const& first, Second const& second) const
    {
        auto const pairs = tidemark::map([](int number) { return std::pair(number, number); });
        return join(first | pairs, second | pairs);
    }
};

/// Of streams with different slides.
template <typename Meet>
row_answer meets_slides(Meet const& meet)
{
    return built("have different slides", [&](auto const& ssc) {
        return meet(any_stream(ssc) | tidemark::window(duration(4000), duration(4000)), any_stream(ssc));
    });
}

/// Of streams of different contexts.
template <typename Meet>
row_answer meets_contexts(Meet const& meet)
{
    return built("belongs to another streaming context",
                 [&](auto const& ssc) { return meet(any_stream(ssc), any_stream(any_context())); });
}

/// "union of streams with different slides", "join of streams of different contexts".
std::optional<row_answer> meeting_in_words(std::string const& words)
{
    auto const with = [&](std::string_view name, auto const& meet) -> std::optional<row_answer> {
        if (words == std::string(name) + " of streams with different slides")
            return meets_slides(meet);
        if (words == std::string(name) + " of streams of different contexts")
            return meets_contexts(meet);
        return std::nullopt;
    };
    for (std::string_view const name : {"union", "context.union"})
        if (auto found = with(name, any_union{}))
            return found;
    for (std::string_view const name : {"transform", "transformWith", "context.transform"})
        if (auto found = with(name, any_transform{}))
            return found;
    if (auto found = with("cogroup", any_join{tidemark::cogroup}))
        return found;
    for (std::string_view const name : {"join", "leftOuterJoin", "rightOuterJoin", "fullOuterJoin"})
        if (auto found = with(name, any_join{tidemark::join}))
            return found;
    return std::nullopt;
}

/// An error when it is made, or when the application is.
template <typename Make>
row_answer refused_when_built(Make const& make)
{
    if (!refuses(make))
        return in_words("ok");
    return {json::array{"error when built"}, "", json::array{"error"}};
}

row_answer union_of_nothing()
{
    return refused_when_built(
        [] { (void)application_of(any_context(), tidemark::union_all(std::vector<any_input>())); });
}

row_answer transform_of_nothing()
{
    return refused_when_built([] {
        auto const first = [](std::vector<tidemark::rdd<int>> const& all) { return all.at(0); };
        auto const ssc = any_context();
        (void)application_of(ssc, ssc.transform(std::vector<any_input>(), first));
    });
}

/// Refused by a static_assert, too; its rule is a concept, which can be asked.
row_answer states_without_directory()
{
    return in_words(tidemark::checkpointed_stream<decltype(any_stream(any_context()))> ? "ok" : "error");
}

row_answer remember_twice()
{
    auto const ssc = any_context().remembering(duration(4000));
    return in_words(refuses([&] { (void)ssc.remembering(duration(6000)); }) ? "error" : "ok");
}

row_answer slice_before_start()
{
    auto const ssc = any_context();
    auto const stream = any_stream(ssc);
    auto const app = ssc.application(stream | tidemark::foreach_rdd([](auto const&) {}));
    return in_words(refuses([&] { (void)app.slice(stream, tidemark::batch_time(2000), tidemark::batch_time(4000)); })
                        ? "error"
                        : "ok");
}

/// Refused by static_asserts, which no running program can look at; tests/compile_fail/stream.cpp does.
row_answer no_output() { return in_words("error"); }

constexpr char const* values_do_not_change = "streams are values; a step added later makes another stream, and what "
                                             "runs stays as it was, so there is nothing to refuse "
                                             "(our test: \"what is added to a stream later changes no application\")";

row_answer nothing_to_refuse() { return in_words("error", values_do_not_change); }

row_answer life_cycle(json::value const& line)
{
    using answer = row_answer (*)();
    static std::map<std::string, answer, std::less<>> const rows{
        {"start with no output operation", no_output},
        {"start twice while active", start_twice},
        {"start after stop before start", start_after_early_stop},
        {"stop in a listener", stop_in_listener},
        {"stop from a listener", stop_in_listener},
        {"stop inside a listener callback", stop_in_listener},
        {"stop from inside a listener callback", stop_in_listener},
        {"stop after stop", stop_twice},
        {"start after stop", start_after_stop},
        {"stop before start", stop_before_start},
        {"stop twice", stop_twice},
        {"second context started while one is active", two_at_once},
        {"start with no checkpoint directory but a state stream", states_without_directory},
        {"union of an empty list", union_of_nothing},
        {"context.union of an empty list", union_of_nothing},
        {"context.union of no streams", union_of_nothing},
        {"transform of an empty list", transform_of_nothing},
        {"context.transform of an empty list", transform_of_nothing},
        {"call remember twice", remember_twice},
        {"slice before start", slice_before_start},
    };
    auto const what = text_of_row(line);
    for (std::string const action :
         {"add a transformation", "add an output operation", "add an input stream", "set checkpoint interval",
          "persist", "set persistence", "remember", "call remember"})
        if (what == action + " after start" || what == action + " after stop")
            return nothing_to_refuse();
    if (auto const meeting = meeting_in_words(what))
        return *meeting;
    if (auto const window = window_in_words(what))
        return *window;
    auto const row = rows.find(what);
    if (row == rows.end())
        throw not_covered("unknown row \"" + what + "\"");
    return row->second();
}

} // namespace

void add_life_cycle_families(family_table& families) { families["context validation"] = table_of(life_cycle); }

} // namespace tidemark_test
