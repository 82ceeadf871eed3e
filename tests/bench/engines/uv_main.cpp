// The same echo on libuv, as its users would write a fast one: one read buffer for all (libuv hands it back
// before it reads again), uv_try_write first, and a request only for what the kernel does not take.
#include <uv.h>

#include <array>
#include <cstring>

#include "tests/bench/engines/echo_main.hpp"

namespace {

using namespace synscope::bench;

std::array<char, kReadSize> read_buffer;

struct Rest {
    uv_write_t request;
    std::size_t size;
    char bytes[1];
};

void free_client(uv_handle_t* handle) {
    std::free(handle);
}

void close_client(uv_stream_t* client) {
    auto* handle = reinterpret_cast<uv_handle_t*>(client);
    if (uv_is_closing(handle) == 0) uv_close(handle, free_client);
}

void on_alloc(uv_handle_t*, std::size_t, uv_buf_t* out) {
    *out = uv_buf_init(read_buffer.data(), static_cast<unsigned>(read_buffer.size()));
}

void on_read(uv_stream_t* client, ssize_t n, const uv_buf_t* buffer);

void on_rest_written(uv_write_t* request, int status) {
    uv_stream_t* client = request->handle;
    std::free(request->data);
    if (status < 0) return close_client(client);
    uv_read_start(client, on_alloc, on_read);
}

void on_read(uv_stream_t* client, ssize_t n, const uv_buf_t* buffer) {
    if (n < 0) return close_client(client);
    if (n == 0) return;
    uv_buf_t out = uv_buf_init(buffer->base, static_cast<unsigned>(n));
    const int written = uv_try_write(client, &out, 1);
    if (written == n) return;
    if (written < 0 && written != UV_EAGAIN) return close_client(client);
    const auto done = static_cast<std::size_t>(written > 0 ? written : 0);
    const std::size_t left = static_cast<std::size_t>(n) - done;
    auto* rest = static_cast<Rest*>(std::malloc(sizeof(Rest) + left));
    rest->request.data = rest;
    std::memcpy(rest->bytes, buffer->base + done, left);
    uv_buf_t out_rest = uv_buf_init(rest->bytes, static_cast<unsigned>(left));
    uv_read_stop(client);
    if (uv_write(&rest->request, client, &out_rest, 1, on_rest_written) != 0) {
        std::free(rest);
        close_client(client);
    }
}

void on_connection(uv_stream_t* listener, int status) {
    if (status < 0) return;
    auto* client = static_cast<uv_tcp_t*>(std::malloc(sizeof(uv_tcp_t)));
    uv_tcp_init(listener->loop, client);
    auto* stream = reinterpret_cast<uv_stream_t*>(client);
    if (uv_accept(listener, stream) != 0) return close_client(stream);
    uv_read_start(stream, on_alloc, on_read);
}

}  // namespace

int main() {
    uv_loop_t* loop = uv_default_loop();
    uv_tcp_t listener;
    uv_tcp_init(loop, &listener);
    if (uv_tcp_open(&listener, listen_somewhere()) != 0) give_up("uv_tcp_open");
    if (uv_listen(reinterpret_cast<uv_stream_t*>(&listener), kBacklog, on_connection) != 0)
        give_up("uv_listen");
    return uv_run(loop, UV_RUN_DEFAULT);
}
