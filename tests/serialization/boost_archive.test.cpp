// SPDX-License-Identifier: BSL-1.0
//
// boost_archive: one serialize serves Boost's own archives and ours, and both restore equal values.

#include <tidemark/checkpoint/serialization.hpp>

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/nvp.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <boost/serialization/version.hpp>

#include <support/catch.hpp>

#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace boost_archive_test {

class session {
public:
    session() = default;
    session(std::string client, std::vector<std::int64_t> times, std::map<std::string, double> shares)
        : client_(std::move(client))
        , times_(std::move(times))
        , shares_(std::move(shares))
    {}
    bool operator==(session const&) const = default;

private:
    friend class boost::serialization::access;
    template <typename Archive>
    void serialize(Archive& ar, unsigned const version)
    {
        ar& BOOST_SERIALIZATION_NVP(client_);
        ar & times_;
        if (version > 0)
            ar & shares_;
    }

    std::string client_;
    std::vector<std::int64_t> times_;
    std::map<std::string, double> shares_;
};

} // namespace boost_archive_test
BOOST_CLASS_VERSION(boost_archive_test::session, 1)

TEST_CASE("a type restored by Boost's archive equals the one restored by ours", "[serialization][archive]")
{
    using boost_archive_test::session;
    std::vector<session> const saved{{"a", {1, -2, 3}, {{"x", 0.5}}}, {"", {}, {}}, {"b", {1LL << 62}, {{"", -1.0}}}};

    std::stringstream stream;
    boost::archive::binary_oarchive(stream) << saved;
    std::vector<session> by_boost;
    boost::archive::binary_iarchive(stream) >> by_boost;

    auto const by_us = tidemark::from_bytes<std::vector<session>>(tidemark::to_bytes(saved));
    CHECK((by_us == saved));
    CHECK((by_us == by_boost));
}
