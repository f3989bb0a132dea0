"""Engines that read a driver.toml, and the station file that names the devices."""
