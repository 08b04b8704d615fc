{
  'targets': [
    {
      'target_name': 'fcmesh',
      'sources': [
        'addon.c', 'arguments.c', 'engine.c', 'endpoint.c', 'netlink.c', 'poll.c', 'primitives.c',
        'secretbox.c', 'system.c', 'tun.c', 'udp.c'
      ],
      'defines': [ 'NAPI_VERSION=8', '_GNU_SOURCE' ],
      'cflags': [ '-std=c99', '-Wall', '-Wextra', '-Wshadow', '-Werror', '-fvisibility=hidden', '-fstack-protector-strong' ],
      'libraries': [ '-lsodium' ]
    }
  ]
}
