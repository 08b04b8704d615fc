{
  'variables': {
    'strict_flags': [ '-std=c99', '-Wall', '-Wextra', '-Wshadow', '-Werror', '-fvisibility=hidden', '-fstack-protector-strong' ],
  },
  'targets': [
    {
      'target_name': 'fcmesh',
      'sources': [
        'addon.c', 'arguments.c', 'checksum.c', 'coalesce.c', 'endpoint.c', 'engine.c', 'ethernet.c', 'ethernet_beacon.c', 'frame.c', 'guard.c',
        'memory.c', 'netlink.c', 'network.c',
        'path_mtu.c', 'poll.c', 'primitives.c', 'sandbox.c', 'secretbox.c', 'split.c', 'system.c', 'threads.c', 'tun.c', 'tun_io.c', 'udp.c',
        'udp_recv.c', 'udp_send.c'
      ],
      'defines': [ 'NAPI_VERSION=8', '_GNU_SOURCE' ],
      'cflags': [ '<@(strict_flags)' ],
      'libraries': [ '-lsodium' ],
      'conditions': [
        [ 'target_arch=="x64"', { 'defines': [ 'FCMESH_AVX' ], 'dependencies': [ 'avx2', 'avx512' ] } ],
        # NEON is part of the baseline.
        [ 'target_arch=="arm64"', { 'defines': [ 'FCMESH_NEON' ], 'sources': [ 'secretbox_neon.c' ] } ],
      ]
    }
  ],
  # Code for processors that have more than the baseline: called only after a check at run time.
  'conditions': [
    [ 'target_arch=="x64"', {
      'targets': [
        {
          'target_name': 'avx2',
          'type': 'static_library',
          'sources': [ 'secretbox_avx2.c' ],
          'cflags': [ '<@(strict_flags)', '-fPIC', '-mavx2' ]
        },
        {
          'target_name': 'avx512',
          'type': 'static_library',
          'sources': [ 'secretbox_avx512.c' ],
          'cflags': [ '<@(strict_flags)', '-fPIC', '-mavx512f', '-mavx512bw', '-mavx512vl' ]
        },
      ]
    } ]
  ]
}
