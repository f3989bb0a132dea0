"""EPON captures: frames with their LLID, MPCP, OAM and CTC messages, and the audit over them."""
