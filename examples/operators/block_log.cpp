// SPDX-License-Identifier: BSL-1.0
//
// block_log: what a receiver has acknowledged is in the first batch of the next process, though this one dies before its own.

#include <tidemark/sources/block_log.hpp>
#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <cstddef>
#include <iostream>
#include <memory>
#include <semaphore>
#include <stop_token>
#include <string>
#include <string_view>

namespace tide = tidemark;
using namespace tidemark::literals;

std::binary_semaphore all_acknowledged{0};

/// Receives 1 to 3 from a sender that forgets what it was acknowledged.
class order_reader final : public tide::receiving_reader<int> {
public:
    order_reader(int& acknowledged, std::size_t partitions)
        : receiving_reader(std::make_shared<tide::receive_buffer<int>>(1 << 20), partitions)
        , acknowledged_(&acknowledged)
    {}
    order_reader(order_reader const&) = delete;
    order_reader& operator=(order_reader const&) = delete;
    ~order_reader() override { stop(); }

private:
    void receive(std::stop_token stop) override
    {
        while (*acknowledged_ < 3 && store({*acknowledged_ + 1}, sizeof(int), stop))
            ++*acknowledged_;
        all_acknowledged.release();
    }

    int* acknowledged_;
};

struct orders {
    using record_type = int;
    static constexpr std::string_view name = "orders";
    static constexpr bool replayable = false;

    int* acknowledged;

    std::string describe() const { return "orders"; }
    std::unique_ptr<order_reader> open(tide::source_environment const& environment) const
    {
        return std::make_unique<order_reader>(*acknowledged, environment.partitions);
    }
};

auto print_orders(int& acknowledged)
{
    auto const ssc = tide::streaming_context<tide::settings{.partitions = 1, .threads = 1}>(
        1_min, tide::checkpoint_directory("checkpoint"));
    auto const numbers = ssc.source_stream<"orders">(orders{&acknowledged})
                         | tide::write_ahead_log(tide::block_log{tide::local_directory("received"), 100_ms});
    return ssc.application(numbers | tide::foreach_rdd<"print">([](auto const& rdd) {
                               for (int const order : rdd | tide::collect())
                                   std::cout << "order " << order << '\n';
                           }));
}

int main()
{
    int acknowledged = 0;
    {
        tide::testing::driver run(print_orders(acknowledged));
        run.start();
        all_acknowledged.acquire();
        std::cout << "acknowledged: " << acknowledged << '\n';
    } // as a kill would end it, before the first batch

    tide::testing::driver run(print_orders(acknowledged));
    run.start(); // the sender has nothing more
    run.run_next();
}
