// Nothing on the page needs this.
