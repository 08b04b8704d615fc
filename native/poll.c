/* Readiness of file descriptors, reported into JavaScript; and the end of an environment. */
#include "engine.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <uv.h>

struct poll {
  uv_poll_t handle;
  /* Runs while packets are left that were read from the descriptor already: it need not become readable for them. */
  uv_idle_t again;
  struct instance *instance;
  napi_ref callback;
  napi_async_context context;
  int fd;
  bool is_socket;
  bool paused;
  bool wants_write;
  bool has_more;
  uint8_t open_handles;
};

static void on_ready(uv_poll_t *handle, int status, int events);
static void on_again(uv_idle_t *handle);

static void update(struct poll *poll) {
  int events = (poll->paused ? 0 : UV_READABLE) | (poll->wants_write ? UV_WRITABLE : 0);
  if (events == 0) uv_poll_stop(&poll->handle);
  else uv_poll_start(&poll->handle, events, on_ready);
}

static void update_again(struct poll *poll) {
  if (poll->has_more && !poll->paused) uv_idle_start(&poll->again, on_again);
  else uv_idle_stop(&poll->again);
}

/* An exception in a callback is the program's, as in any other callback of the event loop. */
static void report(struct poll *poll, bool readable, bool writable) {
  napi_env env = poll->instance->env;
  napi_handle_scope scope;
  napi_value callback, global, arguments[2], exception;
  bool pending = false;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  if (napi_get_reference_value(env, poll->callback, &callback) == napi_ok && callback != NULL &&
      napi_get_global(env, &global) == napi_ok) {
    arguments[0] = make_boolean(env, readable);
    arguments[1] = make_boolean(env, writable);
    napi_make_callback(env, poll->context, global, callback, 2, arguments, NULL);
    if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
        napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
      napi_fatal_exception(env, exception);
    }
  }
  napi_close_handle_scope(env, scope);
}

static void on_ready(uv_poll_t *handle, int status, int events) {
  struct poll *poll = (struct poll *)handle;
  bool readable = (events & UV_READABLE) != 0;
  bool writable = (events & UV_WRITABLE) != 0;
  if (status < 0) {
    /* libuv stops at an error. A socket's is taken off and it goes on; a TUN device that was removed stays stopped. */
    int error;
    socklen_t length = sizeof error;
    if (poll->is_socket) getsockopt(poll->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    readable = true;
    writable = poll->wants_write;
  }
  if (writable) poll->wants_write = false;
  if (writable || (status < 0 && poll->is_socket)) update(poll);
  report(poll, readable, writable); /* may close the engine: `poll` is not touched afterwards */
}

static void on_again(uv_idle_t *handle) { report(handle->data, true, false); }

static void on_closed(uv_handle_t *handle) {
  struct poll *poll = handle->data;
  if (--poll->open_handles > 0) return;
  struct instance *instance = poll->instance;
  free(poll);
  instance->open_polls--;
  if (instance->ending && instance->open_polls == 0) napi_remove_async_cleanup_hook(instance->cleanup);
}

void poll_close(struct poll *poll) {
  if (poll == NULL) return;
  napi_env env = poll->instance->env;
  napi_delete_reference(env, poll->callback);
  napi_async_destroy(env, poll->context);
  uv_poll_stop(&poll->handle);
  uv_close((uv_handle_t *)&poll->handle, on_closed);
  uv_close((uv_handle_t *)&poll->again, on_closed);
}

void poll_want_write(struct poll *poll) {
  if (poll == NULL || poll->wants_write) return;
  poll->wants_write = true;
  update(poll);
}

void poll_set_more(struct poll *poll, bool has_more) {
  if (poll == NULL || poll->has_more == has_more) return;
  poll->has_more = has_more;
  update_again(poll);
}

/* The place of the poll handle of `source` (-1 = TUN, -2 = network, -3 = beacons, otherwise a socket) and its file descriptor. */
static struct poll **place_of(napi_env env, napi_value source, struct engine *engine, int *fd) {
  struct poll **const polls[] = { &engine->beacon_poll, &engine->network_poll, &engine->tun_poll };
  const int fds[] = { engine->beacon_fd, engine->network_fd, engine->tun.fd };
  int64_t number;
  if (!get_integer(env, source, "source", -3, (int64_t)engine->socket_count - 1, &number)) return NULL;
  if (number >= 0) {
    *fd = engine->sockets[number].fd;
    return &engine->sockets[number].poll;
  }
  *fd = fds[number + 3];
  if (*fd >= 0) return polls[number + 3];
  throw_code(env, "ERR_ARGUMENT", "source: it is not open");
  return NULL;
}

static struct poll *start(napi_env env, struct instance *instance, int fd, bool is_socket, napi_value callback) {
  uv_loop_t *loop;
  napi_value name;
  struct poll *poll = calloc(1, sizeof *poll);
  if (poll == NULL) return NULL;
  poll->instance = instance;
  poll->fd = fd;
  poll->is_socket = is_socket;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok ||
      napi_create_string_utf8(env, "fcmesh", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_reference(env, callback, 1, &poll->callback) != napi_ok) {
    free(poll);
    return NULL;
  }
  if (napi_async_init(env, NULL, name, &poll->context) != napi_ok) {
    napi_delete_reference(env, poll->callback);
    free(poll);
    return NULL;
  }
  if (uv_poll_init(loop, &poll->handle, fd) != 0) {
    napi_async_destroy(env, poll->context);
    napi_delete_reference(env, poll->callback);
    free(poll);
    return NULL;
  }
  uv_idle_init(loop, &poll->again);
  poll->handle.data = poll->again.data = poll;
  poll->open_handles = 2;
  instance->open_polls++;
  update(poll);
  return poll;
}

/* A callback that is new must hear of what was left over before it. */
static void report_more(struct engine *engine) {
  poll_set_more(engine->tun_poll, split_has_more(&engine->tun.splitter));
  for (uint32_t number = 0; number < engine->socket_count; number++) {
    struct udp_socket *from = &engine->sockets[number];
    poll_set_more(from->poll, inbox_has_more(from->inbox));
  }
}

/* watch(engine, source, callback): replaces an earlier callback */
napi_value poll_watch(napi_env env, napi_callback_info info) {
  napi_value values[3];
  struct engine *engine;
  napi_valuetype type;
  int fd;
  if (!get_arguments(env, info, 3, values) || !get_engine(env, values[0], &engine)) return NULL;
  struct poll **place = place_of(env, values[1], engine, &fd);
  if (place == NULL) return NULL;
  if (napi_typeof(env, values[2], &type) != napi_ok || type != napi_function) {
    return throw_code(env, "ERR_ARGUMENT", "callback: function expected");
  }
  poll_close(*place);
  *place = start(env, engine->instance, fd, fd != engine->tun.fd, values[2]);
  if (*place == NULL) return throw_code(env, "ERR_SYSTEM", "readiness cannot be watched");
  report_more(engine);
  return NULL;
}

/* pause(engine, source, paused); a source that is not watched is ignored */
napi_value poll_pause(napi_env env, napi_callback_info info) {
  napi_value values[3];
  struct engine *engine;
  bool paused;
  int fd;
  if (!get_arguments(env, info, 3, values) || !get_engine(env, values[0], &engine)) return NULL;
  struct poll **place = place_of(env, values[1], engine, &fd);
  if (place == NULL || !get_boolean(env, values[2], "paused", &paused)) return NULL;
  if (*place == NULL || (*place)->paused == paused) return NULL;
  (*place)->paused = paused;
  update(*place);
  update_again(*place);
  return NULL;
}

/* The loop must not end with our handles on it, nor must they outlive the environment. */
static void on_environment_end(napi_async_cleanup_hook_handle handle, void *data) {
  struct instance *instance = data;
  instance->ending = true;
  instance->cleanup = handle;
  for (uint32_t index = 0; index < MAX_ENGINES; index++) {
    if (instance->engines[index] != NULL) engine_destroy(instance->engines[index]);
  }
  if (instance->open_polls == 0) napi_remove_async_cleanup_hook(handle);
}

bool polls_init(struct instance *instance) {
  return napi_add_async_cleanup_hook(instance->env, on_environment_end, instance, &instance->cleanup) == napi_ok;
}
