"""Every sentence a person reads, in English and Chinese, through gettext."""
