// SPDX-License-Identifier: BSL-1.0
//
// receiver: a source of your own that receives in a thread; its line fails once, which is told, and it receives again.

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <cstddef>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tide = tidemark;
using namespace tidemark::literals;

/// Receives 1 to 6; behind 3 the line is dead for a moment.
class gauge_reader final : public tide::receiving_reader<int> {
public:
    explicit gauge_reader(std::size_t partitions)
        : receiving_reader(std::make_shared<tide::receive_buffer<int>>(1 << 20), partitions, 10_ms)
    {}
    gauge_reader(gauge_reader const&) = delete;
    gauge_reader& operator=(gauge_reader const&) = delete;
    ~gauge_reader() override { stop(); }

private:
    void receive(std::stop_token stop) override
    {
        for (; next_ <= 6 && !stop.stop_requested(); ++next_) {
            if (next_ == 4 && !std::exchange(failed_, true))
                throw std::runtime_error("the line is dead");
            buffer().add({next_}, sizeof next_, stop);
        }
        buffer().end();
    }

    int next_ = 1;
    bool failed_ = false;
};

struct gauge {
    using record_type = int;
    static constexpr std::string_view name = "gauge";
    static constexpr bool replayable = false;

    std::string describe() const { return "gauge"; }
    std::unique_ptr<gauge_reader> open(tide::source_environment const& environment) const
    {
        return std::make_unique<gauge_reader>(environment.partitions);
    }
};

void print_receiver(tide::streaming_event const& event)
{
    if (std::holds_alternative<tide::receiver_started>(event))
        std::cout << "started\n";
    if (auto const* const error = std::get_if<tide::receiver_error>(&event))
        std::cout << "error: " << error->receiver.last_error_message << '\n';
    if (std::holds_alternative<tide::receiver_stopped>(event))
        std::cout << "stopped\n";
}

int main()
{
    auto const ssc = tide::streaming_context<tide::settings{.partitions = 1, .threads = 1}>(1_s);
    int count = 0;
    int sum = 0;
    auto app = ssc.application(ssc.source_stream<"gauge">(gauge()) | tide::foreach_rdd([&](auto const& rdd) {
                                   for (int const number : rdd | tide::collect()) {
                                       ++count;
                                       sum += number;
                                   }
                               }));
    app.listen(print_receiver);
    tide::testing::driver run(app);
    run.start();
    while (count < 6) // in whichever batches they come
        run.run_next();
    run.stop();
    std::cout << "sum: " << sum << '\n';
}
