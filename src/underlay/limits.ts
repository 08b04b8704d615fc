/** The numbers of the underlay, each with its reason. */

/** The kernel's IFNAMSIZ without the terminating zero. */
export const MAX_DEVICE_NAME_BYTES = 15;
