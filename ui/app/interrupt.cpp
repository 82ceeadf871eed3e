#include "ui/app/interrupt.hpp"

#include <sys/signalfd.h>

#include <csignal>

namespace synscope::app {

namespace {

// A signal handler reaches nothing but globals: the process that works for us, and whether it is to stop.
volatile std::sig_atomic_t g_process = 0;
volatile std::sig_atomic_t g_stop = 0;

}  // namespace

void hold_signals(bool twice_kills) {
    const auto pass_on = [](int) {
        g_stop = 1;
        if (g_process > 0) kill(g_process, SIGTERM);
    };
    struct sigaction action {};
    action.sa_handler = pass_on;
    // Without SA_RESTART: a call that waits is left, so that the handler has run even where a sanitizer puts
    // it off.
    if (twice_kills) action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGHUP, &action, nullptr);
}

int signals_as_descriptor() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void pass_signals_to(pid_t process) {
    g_process = process;
    if (g_stop != 0 && process > 0) kill(process, SIGTERM);
}

bool interrupted() {
    return g_stop != 0;
}

}  // namespace synscope::app
