// SPDX-License-Identifier: BSL-1.0
//
// test_package: computes an rdd, writes a checkpoint of it and reads it back; and a plain archive, where that can be linked.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/version.hpp>

#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#ifdef WITH_ARCHIVES
#include <boost/archive/text_iarchive.hpp>
#include <boost/archive/text_oarchive.hpp>

#include <sstream>
#endif

namespace tide = tidemark;

int main()
{
    std::filesystem::remove_all("checkpoints");
    tide::rdd_context const rc(1, tide::checkpoint_directory("checkpoints"));
    auto const lengths =
        rc.parallelize(std::vector<std::string>{"ebb", "flow"}) | tide::map(&std::string::size) | tide::checkpoint();
    auto const computed = tide::collect(lengths);
    auto const read = tide::collect(rc.read_checkpoint<std::size_t>(*tide::checkpoint_file(lengths)));
    bool right = computed == std::vector<std::size_t>{3, 4} && read == computed;

#ifdef WITH_ARCHIVES
    std::stringstream stream;
    boost::archive::text_oarchive(stream) << computed.front();
    std::size_t first = 0;
    boost::archive::text_iarchive(stream) >> first;
    right = right && first == 3;
    std::cout << "with plain archives: ";
#endif
    std::cout << "tidemark " << TIDEMARK_VERSION_MAJOR << '.' << TIDEMARK_VERSION_MINOR << '.' << TIDEMARK_VERSION_PATCH
              << (right ? " works\n" : " does not work\n");
    return right ? 0 : 1;
}
