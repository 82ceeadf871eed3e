// Opens the window on a trace made by hand. Standard input says how it grows: "more N" publishes N more
// events, "end" the rest, and the stream is over; without --live everything is there from the start.
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/ui/model/made_trace.hpp"
#include "ui/app/window/window.hpp"

// Graphics drivers keep memory for the life of the process, and are unloaded before the leak checker looks:
// then nothing tells their leaks from ours. Kept loaded, they are named in leaks.supp.
extern "C" int dlclose(void*) {
    return 0;
}

namespace {

using namespace synscope;
using model::test::MadeTrace;

/// Shows the first so many events of a trace that is complete already.
class Published final : public model::TraceSource {
  public:
    explicit Published(const MadeTrace& trace) : trace_(trace) {}
    [[nodiscard]] std::size_t size() const override { return count_.load(std::memory_order_acquire); }
    [[nodiscard]] Event event(EventId id) const override { return trace_.event(id); }
    [[nodiscard]] model::PacketBytes packet(PacketId id) const override { return trace_.packet(id); }
    [[nodiscard]] std::string_view text(TextId id) const override { return trace_.text(id); }
    void publish(std::size_t more) {
        const std::size_t left = trace_.size() - count_.load(std::memory_order_relaxed);
        count_.fetch_add(std::min(more, left), std::memory_order_release);
    }

  private:
    const MadeTrace& trace_;
    std::atomic<std::size_t> count_{0};
};

class Feed final : public window::TraceFeed {
  public:
    explicit Feed(const Published& source) : source_(source) {}
    [[nodiscard]] const model::TraceSource& source() const override { return source_; }
    [[nodiscard]] bool finished() const override { return finished_.load(std::memory_order_acquire); }
    [[nodiscard]] std::optional<UserError> error() const override { return std::nullopt; }
    void finish() { finished_.store(true, std::memory_order_release); }

  private:
    const Published& source_;
    std::atomic<bool> finished_{false};
};

void follow_input(Published& source, Feed& feed) {
    std::string word;
    while (std::cin >> word) {
        std::size_t count = 0;
        if (word == "more" && std::cin >> count) source.publish(count);
        if (word == "end") break;
    }
    source.publish(static_cast<std::size_t>(-1));
    feed.finish();
}

}  // namespace

int main(int argc, char** argv) {
    MadeTrace trace;
    trace.actors();
    trace.marker(90, "Two quick sends");
    auto now = model::test::add_talk(trace, 100, {});
    trace.next_connection();
    trace.marker(now + 4900, "The same with a length in front");
    now = model::test::add_talk(trace, now + 5000, {.framed = true});
    trace.next_connection();
    model::test::add_talk(trace, now + 9000, {.busy = false, .delayed_close = false});

    window::WindowOptions options;
    options.title = "demo";
    bool live = false;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        const auto value = [&] { return i + 1 < argc ? std::string(argv[++i]) : std::string(); };
        if (name == "--live") live = true;
        if (name == "--empty") options.title.clear();
        if (name == "--theme") options.theme = value();
        if (name == "--state") options.state_file = value();
        if (name == "--shot") options.screenshot_path = value();
        if (name == "--frames")
            options.screenshot_after_frames = static_cast<std::uint32_t>(std::stoul(value()));
        if (name == "--width") options.width = std::stoi(value());
        if (name == "--height") options.height = std::stoi(value());
    }
    Published source(trace);
    Feed feed(source);
    std::thread reader;
    if (live) {
        reader = std::thread([&] { follow_input(source, feed); });
    } else {
        source.publish(trace.size());
        feed.finish();
    }
    const auto done = window::run_window(options, feed);
    if (!done)
        std::cerr << done.error().what << ": " << done.error().where << "\n" << done.error().hint << "\n";
    if (reader.joinable()) reader.join();
    return done ? 0 : 1;
}
