// The synscope program: one window or one command. See docs/ARCHITECTURE.md for the processes around it.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

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
    app::Action chosen;
    CLI::App parser{kDescription, "synscope"};
    parser.set_version_flag("--version", std::string{"synscope "} + app::kVersion);
    parser.require_subcommand(0, 1);
    parser.get_formatter()->column_width(34);
    app::add_demo(parser, chosen);
    app::add_sim(parser, chosen);
    app::add_capture(parser, chosen);
    app::add_open(parser, chosen);
    app::add_analyze(parser, chosen);
    app::add_bytes(parser, chosen);
    app::add_follow(parser, chosen);
    app::add_serve(parser, chosen);
    app::add_lists(parser, chosen);
    app::add_doctor(parser, chosen);
    app::add_hosts(parser, chosen);
    try {
        parser.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {  // --help, --version
            std::ostringstream text;
            parser.exit(error, text, text);
            return app::print_text(text.str());
        }
        app::report({error.what(), "", "Run with --help for more information."});
        return app::kWrongUsage;
    }
    return chosen ? chosen() : app::open_empty_window();
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
