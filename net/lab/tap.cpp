#include "net/lab/tap.hpp"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/base/text.hpp"

namespace synscope::lab {

namespace {
constexpr const char* kTun = "/dev/net/tun";
}

Result<Tap, OsError> Tap::open(const std::string& interface) {
    const int fd = ::open(kTun, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return failure(OsError{"open", errno, kTun});
    Tap tap{fd};
    ifreq request{};
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    interface.copy(request.ifr_name, IFNAMSIZ - 1);
    if (::ioctl(fd, TUNSETIFF, &request) < 0) return failure(OsError{"TUNSETIFF", errno, interface});
    return tap;
}

Tap::~Tap() {
    if (fd_ >= 0) ::close(fd_);
}

UserError explain_no_tap(const OsError& error) {
    UserError told{"cannot make a TAP device", concat(error.operation, " ", error.detail), ""};
    if (error.error != 0) append(told.where, concat(": ", std::string_view(std::strerror(error.error))));
    if (error.operation == "open" && (error.error == ENOENT || error.error == ENODEV || error.error == ENXIO))
        told.hint =
            "sudo modprobe tun; a container must be given the device (docker run --device /dev/net/tun)";
    else if (error.operation == "open" && (error.error == EACCES || error.error == EPERM))
        told.hint =
            "sudo chmod 0666 /dev/net/tun (it grants nothing outside a namespace of one's own), or run it as "
            "root";
    else if (error.error == EPERM)
        told.hint = "this process may not change the network it is in";
    return told;
}

}  // namespace synscope::lab
