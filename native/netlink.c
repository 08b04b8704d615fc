#include "netlink.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct address_request {
  struct nlmsghdr header;
  struct ifaddrmsg message;
  uint8_t attributes[64];
};

static void add_attribute(struct address_request *request, uint16_t type, const void *data, uint16_t length) {
  struct rtattr *attribute = (struct rtattr *)((uint8_t *)request + NLMSG_ALIGN(request->header.nlmsg_len));
  attribute->rta_type = type;
  attribute->rta_len = (unsigned short)RTA_LENGTH(length);
  memcpy(RTA_DATA(attribute), data, length);
  request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

/* Sends the request and waits for the kernel's verdict. */
static int exchange(int fd, const struct nlmsghdr *request) {
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    uint8_t rest[512];
  } answer;
  struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
  if (sendto(fd, request, request->nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0) return errno;
  ssize_t length;
  do {
    length = recv(fd, &answer, sizeof answer, 0);
  } while (length < 0 && errno == EINTR);
  if (length < 0) return errno;
  if ((size_t)length < sizeof answer.header + sizeof answer.error.error) return EPROTO;
  if (answer.header.nlmsg_type != NLMSG_ERROR || answer.header.nlmsg_seq != request->nlmsg_seq) return EPROTO;
  return -answer.error.error;
}

int netlink_add_address(uint32_t device, const uint8_t address[16], uint8_t prefix_length) {
  struct address_request request;
  uint32_t flags = IFA_F_NODAD | IFA_F_PERMANENT;
  memset(&request, 0, sizeof request);
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof request.message);
  request.header.nlmsg_type = RTM_NEWADDR;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
  request.header.nlmsg_seq = 1;
  request.message.ifa_family = AF_INET6;
  request.message.ifa_prefixlen = prefix_length;
  request.message.ifa_index = device;
  add_attribute(&request, IFA_LOCAL, address, 16);
  add_attribute(&request, IFA_ADDRESS, address, 16);
  add_attribute(&request, IFA_FLAGS, &flags, sizeof flags);
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return errno;
  int error = exchange(fd, &request.header);
  close(fd);
  return error == EEXIST ? 0 : error;
}
