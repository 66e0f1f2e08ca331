// SPDX-License-Identifier: BSL-1.0
//
// state_export.test: states go through Boost's archives of every kind and begin another application; damage is told.

#include <tidemark/checkpoint/state_export.hpp>
#include <tidemark/checkpoint/state_import.hpp>
#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/archive/text_iarchive.hpp>
#include <boost/archive/text_oarchive.hpp>
#include <boost/archive/xml_iarchive.hpp>
#include <boost/archive/xml_oarchive.hpp>
#include <boost/hana/adapt_struct.hpp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace serialization_export_test {

enum class color : std::int64_t { red = -1, green = 1LL << 40 };

struct vouched {
    std::int32_t a = 0;
    std::int32_t b = 0;
    bool operator==(vouched const&) const = default;
};
struct nothing {
    bool operator==(nothing const&) const = default;
};
struct tree {
    std::int32_t value = 0;
    std::vector<tree> children;
    bool operator==(tree const&) const = default;
};
struct place {
    std::string city;
    color shade = color::red;
    bool operator==(place const&) const = default;
};

/// Something of everything for which Boost 1.81 has no header.
struct everything {
    std::optional<std::string> maybe;
    std::variant<std::monostate, std::int32_t, std::vector<place>> choice;
    std::tuple<char, char16_t, double> three{};
    std::chrono::milliseconds span{};
    std::chrono::system_clock::time_point point;
    boost::unordered::unordered_flat_map<std::string, std::deque<std::optional<std::int16_t>>> table;
    std::array<place, 2> places;
    std::vector<nothing> marks;
    std::u16string wide;
    vouched raw;
    tree family;
    std::map<std::string, std::vector<std::uint8_t>> plain;
    bool operator==(everything const&) const = default;
};

/// By Boost's convention.
class session {
public:
    session() = default;
    explicit session(std::vector<std::int64_t> times)
        : times_(std::move(times))
    {}
    bool operator==(session const&) const = default;

private:
    friend class boost::serialization::access;
    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive& BOOST_SERIALIZATION_NVP(times_);
    }

    std::vector<std::int64_t> times_;
};

} // namespace serialization_export_test

BOOST_HANA_ADAPT_STRUCT(serialization_export_test::nothing);
BOOST_HANA_ADAPT_STRUCT(serialization_export_test::tree, value, children);
BOOST_HANA_ADAPT_STRUCT(serialization_export_test::place, city, shade);
BOOST_HANA_ADAPT_STRUCT(serialization_export_test::everything, maybe, choice, three, span, point, table, places, marks,
                        wide, raw, family, plain);
template <>
inline constexpr bool tidemark::enable_bitwise<serialization_export_test::vouched> = true;

namespace {

using namespace serialization_export_test;
using namespace tidemark::literals;
using Catch::Matchers::Contains;
using tidemark::batch_time;
using tidemark::export_state;
using tidemark::import_state;
using tidemark::import_state_with_times;

using count = std::pair<std::string, std::int64_t>;
using counts = std::vector<count>;

/// A checkpoint whose stage "counts" has these states.
template <typename Key, typename State>
tidemark::memory_storage checkpoint_of(std::vector<std::pair<Key, State>> const& states)
{
    tidemark::memory_storage files;
    tidemark::commit_record record;
    record.time = batch_time(5000);
    record.batch_ms = 1000;
    record.settings["key_groups"] = tidemark::to_bytes(std::uint64_t{1});
    tidemark::output_archive out;
    for (std::size_t i = 0; i < states.size(); ++i)
        out << states[i].first << states[i].second << static_cast<std::int64_t>(1000 * i);
    record.stages.push_back({"counts",
                             "map_with_state",
                             tidemark::schema_of<Key>(),
                             tidemark::schema_of<State>(),
                             1,
                             {{0, states.size(), {out.bytes().begin(), out.bytes().end()}}}});
    tidemark::journal_options options;
    options.application = "test";
    (void)tidemark::journal::open(files, options).log.commit(record);
    return files;
}

template <typename Out, typename Key, typename State>
std::string exported(std::vector<std::pair<Key, State>> const& states)
{
    std::ostringstream stream;
    {
        Out archive(stream);
        auto const about = export_state<Key, State>(checkpoint_of(states), "counts", archive);
        CHECK(about.states == states.size());
    }
    return std::move(stream).str();
}

template <typename In, typename Key, typename State>
auto imported(std::string const& bytes)
{
    std::istringstream stream(bytes);
    In archive(stream);
    return import_state_with_times<Key, State>(archive);
}

template <typename Out, typename In, typename Key, typename State>
void check_round_trip(std::vector<std::pair<Key, State>> const& states)
{
    auto const all = imported<In, Key, State>(exported<Out>(states));
    CHECK(all.stage == "counts");
    CHECK(all.kind == "map_with_state");
    CHECK(all.time == batch_time(5000));
    REQUIRE(all.states.size() == states.size());
    for (std::size_t i = 0; i < states.size(); ++i) {
        CHECK((all.states[i].key == states[i].first));
        CHECK((all.states[i].state == states[i].second));
        CHECK(all.states[i].updated == batch_time(1000 * static_cast<std::int64_t>(i)));
    }
}

template <typename Key, typename State>
void check_all_archives(std::vector<std::pair<Key, State>> const& states)
{
    using namespace boost::archive;
    check_round_trip<text_oarchive, text_iarchive>(states);
    check_round_trip<binary_oarchive, binary_iarchive>(states);
    check_round_trip<xml_oarchive, xml_iarchive>(states);
}

everything some_of_everything(int seed)
{
    everything value;
    if (seed % 2 == 0)
        value.maybe = std::string(static_cast<std::size_t>(seed), 'x');
    if (seed % 3 == 1)
        value.choice = seed;
    else if (seed % 3 == 2)
        value.choice = std::vector<place>{{"Bonn", color::green}, {"", color::red}};
    value.three = {'q', u'\u20ac', 0.1 * seed};
    value.span = std::chrono::milliseconds(-seed);
    value.point += std::chrono::seconds(seed);
    for (int i = 0; i < seed; ++i)
        value.table[std::to_string(i)] = {std::nullopt, std::int16_t(i)};
    value.places[1].city = "Ulm";
    value.marks.resize(static_cast<std::size_t>(seed));
    value.wide = u"\u20acuro";
    value.raw = {seed, -seed};
    value.family = {seed, {{1, {}}, {2, {{3, {}}}}}};
    value.plain = {{"", {}}, {"a", {0, 255}}};
    return value;
}

template <typename Error, typename Work>
std::string words_of(Work const& work)
{
    try {
        work();
    } catch (Error const& problem) {
        return problem.what();
    }
    return "nothing was thrown";
}

std::string replaced(std::string text, std::string const& what, std::string const& with)
{
    auto const at = text.find(what);
    REQUIRE(at != std::string::npos);
    REQUIRE(text.find(what, at + 1) == std::string::npos);
    return text.replace(at, what.size(), with);
}

// ---- Applications

std::int64_t add(std::string const& key, std::optional<std::int64_t> value, tidemark::state<std::int64_t>& state)
{
    static_cast<void>(key);
    state.update(state.get_option().value_or(0) + *value);
    return state.get();
}

std::optional<std::int64_t> sum(std::vector<std::int64_t> const& values, std::optional<std::int64_t> before)
{
    auto total = before.value_or(0);
    for (auto const value : values)
        total += value;
    return total;
}

/// A program's directory after it has run `records` through `step`, two in a batch, and has stopped.
template <typename Step>
tidemark::memory_storage run(counts const& records, Step const& step)
{
    tidemark::memory_storage disk;
    auto const ssc = tidemark::streaming_context(1_s, tidemark::checkpoint_directory(disk));
    tidemark::testing::driver driver(
        ssc.application(ssc.from_range<"input">(records, 2) | step | tidemark::foreach_rdd([](auto const&) {})));
    driver.start();
    for (std::size_t i = 0; i < records.size() / 2; ++i)
        (void)driver.next();
    driver.stop();
    return disk;
}

std::map<std::string, std::int64_t> states_in(tidemark::memory_storage const& disk, std::string_view stage)
{
    std::map<std::string, std::int64_t> found;
    (void)tidemark::for_each_state<std::string, std::int64_t>(
        disk, stage, [&](std::string const& key, std::int64_t state) { CHECK(found.emplace(key, state).second); });
    return found;
}

} // namespace

TEST_CASE("numbers, text and what Boost has headers for come back from archives of every kind",
          "[serialization][state_export]")
{
    check_all_archives(counts{});
    check_all_archives(counts{{"", 0}, {"a", -1}, {"two words & <more>", 1LL << 62}});
    check_all_archives(std::vector<std::pair<std::int32_t, std::map<std::string, std::vector<double>>>>{
        {1, {}}, {-2, {{"x", {0.1, -2.5e-300}}, {"", {}}}}});
    check_all_archives(std::vector<std::pair<std::string, session>>{{"a", session({1, -2})}, {"b", session()}});
    check_all_archives(std::vector<std::pair<std::string, std::unordered_map<std::string, bool>>>{
        {"a", {{"yes", true}, {"no", false}}}, {"b", {}}});
}

TEST_CASE("structures and all else for which Boost has no header come back from archives of every kind",
          "[serialization][state_export]")
{
    std::vector<std::pair<std::tuple<place, color>, everything>> states;
    for (int seed = 0; seed < 7; ++seed)
        states.push_back({{{std::to_string(seed), color::green}, color::red}, some_of_everything(seed)});
    check_all_archives(states);
}

TEST_CASE("a program without tidemark reads the states as the documentation lays them out",
          "[serialization][state_export]")
{
    std::istringstream stream(exported<boost::archive::binary_oarchive>(
        std::vector<std::pair<std::string, std::vector<double>>>{{"a", {1.5}}, {"b", {}}}));
    boost::archive::binary_iarchive archive(stream);
    std::uint32_t begin = 0, version = 0, end = 0;
    std::string stage, kind, keys, states, containers;
    std::int64_t time = 0;
    std::uint64_t amount = 0;
    archive >> begin >> version >> stage >> kind >> time >> keys >> states >> containers >> amount;
    CHECK(begin == 0x53444954);
    CHECK(version == 1);
    CHECK(stage == "counts");
    CHECK(kind == "map_with_state");
    CHECK(time == 5000);
    CHECK(keys == "string");
    CHECK(states == "sequence<float64>");
    CHECK(containers == "vector");
    REQUIRE(amount == 2);
    std::vector<std::tuple<std::string, std::vector<double>, std::int64_t>> found(2);
    for (auto& [key, state, updated] : found)
        archive >> key >> state >> updated;
    archive >> end;
    CHECK(found[0] == std::tuple(std::string("a"), std::vector{1.5}, std::int64_t{0}));
    CHECK(found[1] == std::tuple(std::string("b"), std::vector<double>(), std::int64_t{1000}));
    CHECK(end == 0x45444954);
}

TEST_CASE("other types than the exported ones are refused before a state is read", "[serialization][state_export]")
{
    using boost::archive::text_iarchive;
    using boost::archive::text_oarchive;
    auto const numbers = exported<text_oarchive>(counts{{"a", 1}});
    CHECK_THAT(words_of<tidemark::incompatible_file>([&] { imported<text_iarchive, std::string, double>(numbers); }),
               Contains("stage \"counts\"") && Contains("found states of int64, expected float64"));
    CHECK_THAT(
        words_of<tidemark::incompatible_file>([&] { imported<text_iarchive, std::int64_t, std::int64_t>(numbers); }),
        Contains("found keys of string, expected int64"));

    // A checkpoint reads the one as the other; Boost saves a vector and a deque in two ways.
    auto const sequences =
        exported<text_oarchive>(std::vector<std::pair<int, std::vector<std::int64_t>>>{{1, {1, 2, 3}}});
    CHECK_THAT(words_of<tidemark::incompatible_file>(
                   [&] { imported<text_iarchive, int, std::deque<std::int64_t>>(sequences); }),
               Contains("found the containers \"vector\"") && Contains("expected \"deque\""));
}

TEST_CASE("an archive that is cut short anywhere is refused, and names the stage when it is known",
          "[serialization][state_export]")
{
    auto const whole = exported<boost::archive::text_oarchive>(counts{{"a", 12}, {"b", 345}});
    auto const head = whole.find("counts") + std::string("counts").size();
    for (std::size_t length = 0; length < whole.find_last_not_of(" \n") + 1; ++length) {
        INFO("of " << whole.size() << " bytes: " << length);
        auto const problem = words_of<std::exception>([&] {
            std::istringstream stream(whole.substr(0, length));
            boost::archive::text_iarchive archive(stream); // its own head is Boost's affair
            try {
                (void)import_state<std::string, std::int64_t>(archive);
            } catch (tidemark::storage_error const&) { // a schema that is cut short is another one
                throw;
            } catch (std::exception const& other) {
                FAIL("not an error of the library: " << other.what());
            }
        });
        CHECK(problem != "nothing was thrown");
        if (length > head + 1)
            CHECK_THAT(problem, Contains("exported states of stage \"counts\""));
    }
}

TEST_CASE("a damaged count, mark or version of exported states is refused", "[serialization][state_export]")
{
    using boost::archive::text_iarchive;
    auto const whole = exported<boost::archive::text_oarchive>(counts{{"a", 12}, {"b", 345}});
    auto const problem_of = [](std::string const& text) {
        return words_of<tidemark::storage_error>(
            [&] { static_cast<void>(imported<text_iarchive, std::string, std::int64_t>(text)); });
    };
    CHECK(problem_of(whole) == "nothing was thrown");
    auto const with_count = [&](char const* number) {
        return replaced(whole, " 2 1 a 12", std::string(" ") + number + " 1 a 12");
    };
    CHECK_THAT(problem_of(with_count("18446744073709551615")),
               Contains("stage \"counts\"") && Contains("after 2 states"));
    CHECK_THAT(problem_of(with_count("3")), Contains("stage \"counts\"") && Contains("after 2 states"));
    CHECK_THAT(problem_of(with_count("1")), Contains("expected the mark") && Contains("after 1 states"));
    CHECK_THAT(problem_of(replaced(whole, std::to_string(0x45444954), "7")), Contains("expected the mark"));
    CHECK_THAT(problem_of(replaced(whole, std::to_string(0x53444954), "7")), Contains("expected the mark"));
    CHECK_THAT(problem_of(replaced(whole, std::to_string(0x53444954) + " 1 ", std::to_string(0x53444954) + " 2 ")),
               Contains("found version 2") && Contains("expected at most 1"));
    CHECK_THAT(problem_of(replaced(whole, " a 12", " a twelve")), Contains("after 0 states"));
}

TEST_CASE("a damaged value inside a structure is refused: alternatives, and keys that come twice",
          "[serialization][state_export]")
{
    using boost::archive::text_iarchive;
    using boost::archive::text_oarchive;
    using choice = std::variant<std::monostate, std::int32_t>;
    auto const alternatives = exported<text_oarchive>(std::vector<std::pair<int, choice>>{{77, choice(88)}});
    CHECK_THAT(words_of<tidemark::corrupt_file>([&] {
                   static_cast<void>(
                       imported<text_iarchive, int, choice>(replaced(alternatives, "77 1 88", "77 2 88")));
               }),
               Contains("2 alternatives") && Contains("found number 2"));

    using table = boost::unordered::unordered_flat_map<std::int32_t, std::int32_t>;
    std::vector<std::pair<int, table>> const one{{77, {{5, 6}}}};
    CHECK_THAT(words_of<tidemark::corrupt_file>([&] {
                   static_cast<void>(imported<text_iarchive, int, table>(
                       replaced(exported<text_oarchive>(one), "77 1 5 6", "77 2 5 6 5 6")));
               }),
               Contains("different keys"));
}

TEST_CASE("an archive that cannot be written is an error that names the stage", "[serialization][state_export]")
{
    std::ostringstream stream;
    boost::archive::text_oarchive archive(stream);
    stream.setstate(std::ios::badbit);
    CHECK_THAT(words_of<tidemark::storage_error>([&] {
                   export_state<std::string, std::int64_t>(checkpoint_of(counts{{"a", 1}}), "counts", archive);
               }),
               Contains("stage \"counts\"") && Contains("did not take"));
}

TEST_CASE("exported states begin another application, with either operator", "[serialization][state_export]")
{
    auto const tracked = tidemark::map_with_state<"tracked">(tidemark::state_spec(add));
    auto const disk = run({{"a", 1}, {"b", 2}, {"a", 3}, {"a", 4}}, tracked);
    REQUIRE(states_in(disk, "tracked") == std::map<std::string, std::int64_t>{{"a", 8}, {"b", 2}});

    std::stringstream stream;
    {
        boost::archive::text_oarchive archive(stream);
        CHECK(export_state<std::string, std::int64_t>(disk, "tracked", archive).kind == "map_with_state");
    }
    std::string const text = stream.str();
    {
        std::map<std::string, std::int64_t> updates;
        for (auto const& each : imported<boost::archive::text_iarchive, std::string, std::int64_t>(text).states)
            updates[each.key] = each.updated.count();
        CHECK(updates == std::map<std::string, std::int64_t>{{"a", 2000}, {"b", 1000}});
    }
    boost::archive::text_iarchive archive(stream);
    auto const states = import_state<std::string, std::int64_t>(archive);
    tidemark::rdd_context const rc(1);
    std::map<std::string, std::int64_t> const expected{{"a", 9}, {"b", 2}, {"c", 5}};
    counts const later{{"a", 1}, {"c", 5}};
    CHECK(states_in(run(later, tidemark::map_with_state<"again">(tidemark::state_spec(add).initial_state(states))),
                    "again")
          == expected);

    auto const updated =
        run(later, tidemark::update_state_by_key<"updated">(sum).initial_state(rc.parallelize(states, 2)));
    CHECK(states_in(updated, "updated") == expected);
    std::stringstream second;
    {
        boost::archive::binary_oarchive out(second);
        CHECK(export_state<std::string, std::int64_t>(updated, "updated", out).kind == "update_state_by_key");
    }
    boost::archive::binary_iarchive in(second);
    auto const back = import_state<std::string, std::int64_t>(in);
    CHECK(std::map<std::string, std::int64_t>(back.begin(), back.end()) == expected);
}

TEST_CASE("the totals of a window with an inverse can be exported, with the number of batches in them",
          "[serialization][state_export]")
{
    auto const disk = run({{"a", 1}, {"b", 2}, {"a", 3}, {"a", 4}, {"c", 5}, {"c", 6}},
                          tidemark::reduce_by_key_and_window<"window">(std::plus<>(), std::minus<>(), 2_s));
    using total = std::pair<std::int64_t, std::uint32_t>;
    std::map<std::string, total> found;
    auto const about = tidemark::for_each_state<std::string, total>(
        disk, "window", [&](std::string const& key, total const& state) { found[key] = state; });
    CHECK(about.states == found.size());
    CHECK(found["a"] == total(7, 1));
    CHECK(found["c"] == total(11, 1));
}
