// SPDX-License-Identifier: BSL-1.0
//
// cache: persist at the default level; cached_info tells what is kept, and unpersist lets it go.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

/// Prints how many partitions of `rdd` are kept.
template <typename Rdd>
void show_kept(std::string const& when, Rdd const& rdd)
{
    auto const info = tide::cached_info(rdd);
    std::cout << when << ": " << info.kept.partitions() << " of " << info.partitions << " partitions kept\n";
}

int main()
{
    int calls = 0;
    auto const square = [&calls](int x) {
        ++calls;
        return x * x;
    };

    tide::rdd_context const rc;
    auto const squares = rc.parallelize(std::vector{1, 2, 3, 4}, 2) | tide::map(square) | tide::cache();
    show_kept("at first", squares);
    support::show("one", squares | tide::take(1));
    show_kept("after take", squares);
    support::show("all", squares | tide::collect());
    show_kept("after collect", squares);
    tide::unpersist(squares);
    show_kept("after unpersist", squares);
    support::show("all", squares | tide::collect());
    std::cout << "calls: " << calls << "\n"; // four, and four again after unpersist

    calls = 0;
    auto const ssc = tide::streaming_context<tide::settings{.threads = 1}>(1_s);
    auto const stream = ssc.queue_stream(std::vector<std::vector<int>>{{5, 6}}) | tide::map(square) | tide::cache();
    tide::testing::driver run(ssc.application(
        stream | tide::foreach_rdd([](auto const& rdd) { support::show("one output", rdd | tide::collect()); }),
        stream | tide::foreach_rdd([](auto const& rdd) { support::show("another one", rdd | tide::collect()); })));
    run.start();
    run.run_next();
    std::cout << "calls for both: " << calls << "\n";
}
