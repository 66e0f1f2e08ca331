// SPDX-License-Identifier: BSL-1.0
//
// state_upgrade: two releases of one program on one checkpoint. The second has a member more in its state, and the
// totals of the first go on.
//
//   state_upgrade <release: 1 or 2> <folder of payments> <checkpoint directory> <payments to wait for>
//
// A line of a file is a payment, "account amount", as in "ann 12". Release 1 counts the payments of each account and
// adds them up, release 2 keeps the largest one as well. Both end when they have seen so many payments in all, and print
// the accounts; killed and started again they go on. What release 2 has written release 1 refuses.

#include <tidemark/tidemark.hpp>

#include <boost/serialization/optional.hpp>
#include <boost/serialization/version.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace tide = tidemark;
using namespace tidemark::literals;

namespace release_1 {

struct account {
    std::int64_t payments = 0;
    std::int64_t sum = 0;

    void add(std::int64_t amount)
    {
        ++payments;
        sum += amount;
    }

    template <typename Archive>
    void serialize(Archive& archive, unsigned /*version*/)
    {
        archive & payments & sum;
    }
};

std::ostream& operator<<(std::ostream& out, account const& one)
{
    return out << one.payments << " payments, " << one.sum;
}

} // namespace release_1

namespace release_2 {

struct account {
    std::int64_t payments = 0;
    std::int64_t sum = 0;
    std::optional<std::int64_t> largest; // of those since release 2 knows the account

    void add(std::int64_t amount)
    {
        ++payments;
        sum += amount;
        largest = std::max(amount, largest.value_or(amount));
    }

    template <typename Archive>
    void serialize(Archive& archive, unsigned version) // that of what is read; what is written has the newest
    {
        archive & payments & sum;
        if (version >= 1)
            archive & largest;
    }
};

std::ostream& operator<<(std::ostream& out, account const& one)
{
    out << one.payments << " payments, " << one.sum << ", largest ";
    return one.largest ? out << *one.largest : out << "unknown";
}

} // namespace release_2

BOOST_CLASS_VERSION(release_2::account, 1) // release 1 has said nothing, which is 0

namespace {

std::pair<std::string, std::int64_t> payment_of(std::string const& line)
{
    auto const blank = line.find(' ');
    return {line.substr(0, blank), std::stoll(line.substr(blank + 1))};
}

template <typename Account>
std::int64_t pay(std::string const& /*name*/, std::optional<std::int64_t> amount, tide::state<Account>& state)
{
    auto account = state.exists() ? state.get() : Account();
    account.add(amount.value_or(0));
    state.update(account);
    return account.payments;
}

/// Prints all accounts and stops the application, once there have been so many payments.
struct print_at_the_end {
    std::int64_t wanted;
    bool done = false;

    template <typename Rdd>
    void operator()(Rdd const& accounts)
    {
        std::int64_t payments = 0;
        auto const all = accounts | tide::sort_by_key() | tide::collect();
        for (auto const& [name, account] : all)
            payments += account.payments;
        if (payments < wanted || std::exchange(done, true))
            return;
        for (auto const& [name, account] : all)
            std::cout << name << ": " << account << '\n';
        tide::get_active()->request_stop();
    }
};

/// The program: the same for both, but for the type of its state.
template <typename Account>
void run(std::string const& folder, std::string const& checkpoint, std::int64_t wanted)
{
    auto const ssc = tide::streaming_context(100_ms, tide::checkpoint_directory(checkpoint)).named("payments");
    auto app = ssc.application(
        ssc.text_file_stream<"payments">(folder, tide::text_file_options{.existing = tide::read_existing::all})
        | tide::map(payment_of)
        | tide::map_with_state<"accounts">(tide::state_spec(pay<Account>), tide::checkpoint_every(300_ms))
        | tide::state_snapshots() | tide::foreach_rdd<"accounts">(print_at_the_end{wanted}));
    app.start();
    app.await_termination();
}

} // namespace

int main(int argc, char** argv)
try {
    std::string const release = argc == 5 ? argv[1] : "";
    if (release != "1" && release != "2")
        throw std::invalid_argument("usage: state_upgrade <1 or 2> <folder> <checkpoint> <payments to wait for>");
    auto const program = release == "1" ? run<release_1::account> : run<release_2::account>;
    program(argv[2], argv[3], std::stoll(argv[4]));
    return 0;
} catch (std::exception const& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
