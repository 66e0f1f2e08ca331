// SPDX-License-Identifier: BSL-1.0
//
// object_files.test: what save_as_object_files and save_as_object_file write, and object_file reads back.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/sinks/save_as_object_files.hpp>
#include <tidemark/sources/streams.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <boost/hana/define_struct.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>
#include <support/running.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace tidemark::literals;
using namespace tidemark_test;
using Catch::Matchers::Contains;
using reading::directory;
using tidemark::collect;
using tidemark::rdd_context;
using tidemark::save_as_object_file;
using tidemark::save_as_object_files;
using numbers = std::vector<int>;
using names = std::vector<std::string>;

std::string content(fs::path const& path)
{
    std::ifstream in(path, std::ios::binary);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

void put(fs::path const& path, std::string const& text) { std::ofstream(path, std::ios::binary) << text; }

names in_directory(std::string const& path)
{
    names found;
    for (auto const& entry : fs::directory_iterator(path))
        found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
}

struct visit {
    BOOST_HANA_DEFINE_STRUCT(visit, (std::string, page), (std::optional<std::int64_t>, at), (std::vector<int>, more));
    friend bool operator==(visit const&, visit const&) = default;
};

struct two_numbers {
    int first = 0;
    int second = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & first & second;
    }
};

/// What became of `two_numbers` in a program whose author has forgotten to give it another class version.
struct one_number {
    int first = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & first;
    }
};

/// Has no default, and saves itself.
class price {
public:
    explicit price(std::int64_t cents)
        : cents_(cents)
    {}
    friend bool operator==(price const&, price const&) = default;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & cents_;
    }

private:
    friend class boost::serialization::access;
    price() = default;
    std::int64_t cents_ = 0;
};

} // namespace

TEST_CASE("records that were saved are read back, in the partitions that they had", "[sinks][object_files]")
{
    directory const out;
    rdd_context const rc(2);
    std::vector<visit> const visits{{"a", 1, {}}, {"", std::nullopt, {1, 2}}, {std::string("\0\n", 2), -1, {3}}};
    rc.parallelize(visits, 5) | save_as_object_file(out.path("visits"));
    CHECK(in_directory(out.path()) == names{"visits"});
    CHECK(in_directory(out.path("visits"))
          == names{"_SUCCESS", "part-00000", "part-00001", "part-00002", "part-00003", "part-00004"});
    auto const back = rc.object_file<visit>(out.path("visits"));
    CHECK((back | collect()) == visits);
    auto const sizes = tidemark::map_partitions([](auto part) { return std::vector{part.size()}; });
    CHECK((back | sizes | collect()) == (rc.parallelize(visits, 5) | sizes | collect()));

    save_as_object_file(rc.parallelize(std::vector{price(1), price(-2)}, 1), out.path("prices"));
    CHECK((rc.object_file<price>(out.path("prices")) | collect()) == std::vector{price(1), price(-2)});
}

TEST_CASE("many and large records are read back, and no more than is wanted", "[sinks][object_files]")
{
    directory const out;
    rdd_context const rc(2);
    rc.range(0, 300'000, 1, 3) | save_as_object_file(out.path("many"));
    auto const many = rc.object_file<std::int64_t>(out.path("many"));
    CHECK((many | collect()) == (rc.range(0, 300'000, 1, 1) | collect()));
    CHECK((many | tidemark::take(2)) == std::vector<std::int64_t>{0, 1});

    names const large{std::string(1'000'000, 'x'), "", std::string(300'000, 'y')};
    rc.parallelize(large, 1) | save_as_object_file(out.path("large"));
    CHECK((rc.object_file<std::string>(out.path("large")) | collect()) == large);

    rc.parallelize(names(), 2) | save_as_object_file(out.path("none"));
    CHECK((rc.object_file<std::string>(out.path("none")) | collect()) == names{});
}

TEST_CASE("equal records give equal bytes", "[sinks][object_files]")
{
    directory const out;
    rdd_context const rc(2);
    for (auto const* const name : {"one", "other"})
        rc.parallelize(names{"a", "b", "c"}, 2) | save_as_object_file(out.path(name));
    for (auto const& file : in_directory(out.path("one")))
        CHECK(content(out.path("one/" + file)) == content(out.path("other/" + file)));
}

TEST_CASE("every byte of object files that is wrong or missing is found", "[sinks][object_files]")
{
    directory const out;
    rdd_context const rc;
    names const records{"alpha", "beta", "gamma", "delta"};
    rc.parallelize(records, 2) | save_as_object_file(out.path("saved"));
    auto const read = [&] { return rc.object_file<std::string>(out.path("saved")) | collect(); };
    for (auto const& file : in_directory(out.path("saved"))) {
        fs::path const path = out.path("saved/" + file);
        auto const whole = content(path);
        for (std::size_t at = 0; at < whole.size(); ++at)
            for (int const flip : {1, 0x80}) {
                auto bytes = whole;
                bytes[at] = static_cast<char>(bytes[at] ^ flip);
                put(path, bytes);
                INFO(file << ", byte " << at);
                CHECK_THROWS_AS(read(), tidemark::corrupt_file);
            }
        for (std::size_t size = 0; size < whole.size(); ++size) {
            put(path, whole.substr(0, size));
            INFO(file << " cut to " << size << " bytes");
            CHECK_THROWS_AS(read(), tidemark::corrupt_file);
        }
        put(path, whole + "x");
        CHECK_THROWS_AS(read(), tidemark::corrupt_file);
        put(path, whole);
        CHECK(read() == records);
    }
}

TEST_CASE("a part that is missing, of another place or of other records is found", "[sinks][object_files]")
{
    directory const out;
    rdd_context const rc;
    rc.parallelize(names{"a1", "b1"}, 2) | save_as_object_file(out.path("one"));
    rc.parallelize(names{"a2", "b2"}, 2) | save_as_object_file(out.path("two"));
    auto const read = [&] { return rc.object_file<std::string>(out.path("one")) | collect(); };
    auto const part = [&](std::string const& name) { return fs::path(out.path(name)); };
    SECTION("missing")
    {
        fs::remove(part("one/part-00001"));
        CHECK_THROWS_WITH(read(), Contains(out.path("one/part-00001")) && Contains("no such file"));
    }
    SECTION("in another's place")
    {
        put(part("one/part-00001"), content(part("one/part-00000")));
        CHECK_THROWS_WITH(read(), Contains("expected the header of part 1"));
    }
    SECTION("of other records, though sound by itself and of the same length")
    {
        put(part("one/part-00001"), content(part("two/part-00001")));
        CHECK_THROWS_AS(read(), tidemark::corrupt_file);
        CHECK_THROWS_WITH(read(), Contains("those that the index means"));
    }
    SECTION("with a wrong bit in the header of a block")
    {
        auto bytes = content(part("one/part-00001"));
        auto const first = tidemark::object_format::part_header_bytes;
        for (std::size_t at = first; at < first + tidemark::object_format::block_header_bytes; ++at) {
            auto damaged = bytes;
            damaged[at] = static_cast<char>(damaged[at] ^ 1);
            put(part("one/part-00001"), damaged);
            CHECK_THROWS_WITH(read(), Contains("offset 24: expected the header of block 0"));
        }
    }
    SECTION("with a block that says it is longer than its file, which costs no memory")
    {
        auto bytes = content(part("one/part-00001"));
        auto const forged = tidemark::detail::encode_object_block({1, std::uint64_t{1} << 60, 0},
                                                                  tidemark::detail::object_block_seed(1, 0));
        for (std::size_t i = 0; i < forged.size(); ++i)
            bytes[tidemark::object_format::part_header_bytes + i] = static_cast<char>(forged[i]);
        put(part("one/part-00001"), bytes);
        CHECK_THROWS_WITH(read(), Contains("more bytes; found the end of the file"));
    }
    SECTION("none of ours")
    {
        put(part("one/part-00001"), std::string(content(part("one/part-00001")).size(), 'x'));
        CHECK_THROWS_WITH(read(), Contains("expected a part of object files; found other bytes"));
    }
}

TEST_CASE("object_file says what is not there, and what is something else", "[sinks][object_files]")
{
    directory const out;
    rdd_context const rc;
    CHECK_THROWS_AS(rc.object_file<int>(out.path("none")), tidemark::storage_error);
    CHECK_THROWS_WITH(rc.object_file<int>(out.path("none")),
                      Contains(out.path("none")) && Contains("save_as_object_file has written"));
    rc.parallelize(numbers{1}, 1) | tidemark::save_as_text_file(out.path("text"));
    CHECK_THROWS_WITH(rc.object_file<int>(out.path("text")), Contains("an empty file, as text files have it"));
    rc.parallelize(numbers{1}, 1) | save_as_object_file(out.path("numbers"));
    CHECK_THROWS_AS(rc.object_file<std::string>(out.path("numbers")), tidemark::incompatible_file);
    CHECK_THROWS_WITH(rc.object_file<std::string>(out.path("numbers")),
                      Contains("expected records of string") && Contains("found int32"));
}

TEST_CASE("a class that reads less than was saved, under the same version, is found", "[sinks][object_files]")
{
    directory const out;
    rdd_context const rc;
    rc.parallelize(std::vector<two_numbers>{{1, 2}}, 1) | save_as_object_file(out.path("two"));
    CHECK((rc.object_file<two_numbers>(out.path("two")) | collect()).size() == 1);
    CHECK_THROWS_AS(rc.object_file<one_number>(out.path("two")) | collect(), tidemark::corrupt_file);
    CHECK_THROWS_WITH(rc.object_file<one_number>(out.path("two")) | collect(), Contains("more bytes"));
}

TEST_CASE("object files of a newer format are refused as such", "[sinks][object_files]")
{
    directory const out;
    rdd_context const rc;
    rc.parallelize(numbers{1}, 1) | save_as_object_file(out.path("n"));
    auto bytes = content(out.path("n/_SUCCESS"));
    bytes[8] = 2;
    auto const summed = std::as_bytes(std::span(bytes).first(bytes.size() - 8));
    auto sum = tidemark::checksum(summed, 0);
    for (std::size_t i = bytes.size() - 8; i != bytes.size(); ++i, sum >>= 8)
        bytes[i] = static_cast<char>(sum & 0xff);
    put(out.path("n/_SUCCESS"), bytes);
    CHECK_THROWS_AS(rc.object_file<int>(out.path("n")), tidemark::incompatible_file);
    CHECK_THROWS_WITH(rc.object_file<int>(out.path("n")), Contains("object format version 2"));
}

TEST_CASE("a stream is saved as object files, a directory for each batch", "[sinks][object_files]")
{
    directory const out;
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.partitions = 2, .threads = 1});
    auto const stream = ssc.queue_stream(std::vector<numbers>{{1, 2, 3}, {}});
    auto const doubled = stream | tidemark::map([](int number) { return std::pair(number, 2 * number); });
    auto const run = [&](auto output) {
        tidemark::testing::driver running(ssc.application(std::move(output)));
        running.start();
        running.run_to(tidemark::batch_time(2000));
    };
    SECTION("piped") { run(doubled | save_as_object_files<"pairs">(out.path("pairs"), "bin")); }
    SECTION("called") { run(save_as_object_files(doubled, out.path("pairs"), "bin")); }
    SECTION("twice: a batch that runs again replaces what is there")
    {
        run(stream | save_as_object_files(out.path("pairs"), "bin"));
        run(doubled | save_as_object_files(out.path("pairs"), "bin"));
    }
    CHECK(in_directory(out.path()) == names{"pairs-1000.bin", "pairs-2000.bin"});
    rdd_context const rc;
    using pairs = std::vector<std::pair<int, int>>;
    CHECK((rc.object_file<std::pair<int, int>>(out.path("pairs-1000.bin")) | collect())
          == pairs{{1, 2}, {2, 4}, {3, 6}});
    CHECK((rc.object_file<std::pair<int, int>>(out.path("pairs-2000.bin")) | collect()) == pairs{});
}

TEST_CASE("an rdd is saved under a name that nothing has", "[sinks][object_files][save_as_text_file]")
{
    directory const out;
    rdd_context const rc(2);
    auto const rdd = rc.parallelize(numbers{1, 2, 3}, 2);
    rdd | tidemark::save_as_text_file(out.path("n/"));
    tidemark::save_as_text_file(rdd, out.path("deep/er/n"));
    CHECK(in_directory(out.path()) == names{"deep", "n"});
    CHECK(in_directory(out.path("n")) == names{"_SUCCESS", "part-00000", "part-00001"});
    CHECK(content(out.path("n/part-00000")) == "1\n");
    CHECK((rc.text_file(out.path("n")) | collect()) == names{"1", "2", "3"});
    CHECK((rc.text_file(out.path("deep/er/n")) | collect()) == names{"1", "2", "3"});

    auto const refused = [&](std::string const& name) {
        CHECK_THROWS_AS(rdd | tidemark::save_as_text_file(out.path(name)), tidemark::storage_error);
        CHECK_THROWS_WITH(rdd | save_as_object_file(out.path(name)),
                          Contains("tidemark::save_as_object_file: expected nothing at " + out.path(name)));
    };
    fs::create_directory(out.path("empty"));
    out.write("file", "mine", 0);
    fs::create_symlink(out.path("nowhere"), out.path("link"));
    for (auto const* const name : {"n", "empty", "file", "link"})
        refused(name);
    CHECK(content(out.path("file")) == "mine");
    CHECK(in_directory(out.path()) == names{"deep", "empty", "file", "link", "n"});
    CHECK_THROWS_AS(rdd | tidemark::save_as_text_file(""), tidemark::config_error);
}

TEST_CASE("an rdd that cannot be saved leaves nothing", "[sinks][object_files][save_as_text_file]")
{
    directory const out;
    rdd_context const rc(2);
    auto const broken = rc.parallelize(numbers{1, 2, 3}, 3) | tidemark::map([](int number) {
                            return number == 2 ? throw std::runtime_error("no 2") : number;
                        });
    CHECK_THROWS_WITH(broken | tidemark::save_as_text_file(out.path("n")), "no 2");
    CHECK_THROWS_WITH(broken | save_as_object_file(out.path("n")), "no 2");
    CHECK(in_directory(out.path()).empty());
}

TEST_CASE("whoever takes the name while an rdd is written keeps it", "[sinks][object_files][save_as_text_file]")
{
    directory const out;
    rdd_context const rc;
    auto const late = rc.parallelize(numbers{1}, 1) | tidemark::map([&](int number) {
                          out.write("n/thesis", "not to be lost", 0);
                          return number;
                      });
    CHECK_THROWS_AS(late | tidemark::save_as_text_file(out.path("n")), tidemark::storage_error);
    CHECK(in_directory(out.path()) == names{"n"});
    CHECK(content(out.path("n/thesis")) == "not to be lost");
}
