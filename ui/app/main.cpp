// The synscope program: one window or one command. See docs/ARCHITECTURE.md for the processes around it.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "ui/app/command.hpp"
#include "ui/app/output.hpp"
#include "ui/app/rights.hpp"
#include "ui/app/version.hpp"

namespace {

using namespace synscope;

constexpr const char* kDescription =
    "Synscope shows TCP/IP at work, packet by packet.\n"
    "Without a command it opens the window. 'synscope demo' runs a real conversation and draws it.";

/// Started with 0, 1 or 2 closed, the next file opened would take that number, and messages would land in it.
void keep_standard_descriptors() {
    int fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = open("/dev/null", O_RDWR);
    if (fd > STDERR_FILENO) close(fd);
}

int parse_and_run(int argc, char** argv) {
    app::CommandLine line{"synscope", kDescription, std::string{"synscope "} + app::kVersion};
    for (const auto add : {app::add_demo, app::add_sim, app::add_capture, app::add_open, app::add_analyze,
                           app::add_bytes, app::add_follow, app::add_serve, app::add_load, app::add_compare,
                           app::add_lists, app::add_doctor, app::add_hosts})
        add(line.root());
    const auto parsed = line.parse(argc, argv);
    if (!parsed.wrong.empty()) {
        app::report({parsed.wrong, "", "Run with --help for more information."});
        return app::kWrongUsage;
    }
    if (!parsed.text.empty()) return app::print_text(parsed.text);
    return parsed.action ? parsed.action() : app::open_empty_window();
}

}  // namespace

int main(int argc, char** argv) {
    if (synscope::app::has_borrowed_rights()) {
        return synscope::app::report(
            {"refusing to run with extra rights (set-uid, or a capability of the file or the process)", "",
             "Only synscope-capture needs a capability; 'synscope doctor' prints the command."});
    }
    keep_standard_descriptors();
    std::signal(SIGCHLD, SIG_DFL);  // were it ignored, how a child ended would be lost
    std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away is an error to report, not a reason to die
    return parse_and_run(argc, argv);
}
