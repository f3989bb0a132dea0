"""Does the service work at the customer's port: dialling in, addresses, names, delay, rate, television, telephone."""
