/* The few requests to the kernel that give a device its address. */
#ifndef FCMESH_NETLINK_H
#define FCMESH_NETLINK_H

#include <stdint.h>

/* Adds an IPv6 address without duplicate address detection. Returns 0 or an errno; an address that is there is fine. */
int netlink_add_address(uint32_t device, const uint8_t address[16], uint8_t prefix_length);

#endif
